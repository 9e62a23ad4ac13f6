import type { ComponentType } from 'react';
import { GradientNormChart, selectGradientNorm } from './GradientNormChart';
import { LearningRateChart, selectLearningRate } from './LearningRateChart';
import { LossChart, selectLoss } from './LossChart';
import { ScoreChart, selectScores } from './ScoreChart';
import type { ChartTable, RunSeries } from './series';

/** A chart of a run. To add one: a file beside this one, and an entry here. */
export interface ChartEntry {
  id: string;
  title: string;
  unit: string;
  /** Large charts have a row of their own, small ones share it. */
  size: 'large' | 'small';
  /** The sentence and the table that stand for the picture. */
  select: (series: RunSeries) => { sentence: string; table: ChartTable };
  Chart: ComponentType<{ series: RunSeries; compact: boolean }>;
}

export const catalogue: readonly ChartEntry[] = [
  { id: 'loss', title: 'Loss', unit: 'cross-entropy, nats', size: 'large', select: selectLoss, Chart: LossChart },
  { id: 'scores', title: 'Accuracy and macro-F1', unit: 'per cent', size: 'large', select: selectScores, Chart: ScoreChart },
  {
    id: 'learning-rate',
    title: 'Learning rate',
    unit: 'per step',
    size: 'small',
    select: selectLearningRate,
    Chart: LearningRateChart,
  },
  {
    id: 'gradient-norm',
    title: 'Gradient norm',
    unit: 'L2, before clipping',
    size: 'small',
    select: selectGradientNorm,
    Chart: GradientNormChart,
  },
];
