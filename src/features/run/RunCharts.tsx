import { useMediaQuery } from '@mantine/hooks';
import { useMemo, type ReactNode } from 'react';
import { BaseNote } from '../../charts/BaseNote';
import { catalogue } from '../../charts/catalogue';
import type { RunSeries } from '../../charts/series';
import type { TaskName } from '../../../workers/api/settings';
import { seriesOf } from './runView';
import { useSteadyRun } from './useSteadyRun';
import styles from './RunCharts.module.css';

const chartIntervalMs = 250;

/** The charts of the run under way, or of the last one: large ones one below the other, small ones side by side. */
export function RunCharts() {
  const { start, points, latest, base, evaluations, baseLoss, losses, clippedSteps, stepsSeen, progress, marks } =
    useSteadyRun(chartIntervalMs);
  const series = useMemo(
    () => seriesOf({ start, points, latest, base, evaluations, baseLoss, losses, clippedSteps, stepsSeen, progress, marks }),
    [start, points, latest, base, evaluations, baseLoss, losses, clippedSteps, stepsSeen, progress, marks],
  );
  if (series === null || start === null) return null;
  const { task } = start.settings;
  return (
    <SeriesCharts series={series} task={task}>
      {base && <BaseNote majority={base.evaluation.majority} byPrompt={task === 'prompt'} />}
    </SeriesCharts>
  );
}

/** `children` stand under the scores, which plain text has not. */
export function SeriesCharts({ series, task, children }: { series: RunSeries; task: TaskName; children?: ReactNode }) {
  const compact = useMediaQuery('(max-width: 760px)');
  return (
    <>
      {catalogue
        .filter((entry) => entry.size === 'large' && (entry.id !== 'scores' || task !== 'text'))
        .map(({ id, Chart }) => (
          <div key={id}>
            <Chart series={series} compact={compact} />
            {id === 'scores' && children}
          </div>
        ))}
      <div className={styles.pair}>
        {catalogue
          .filter((entry) => entry.size === 'small')
          .map(({ id, Chart }) => (
            <Chart key={id} series={series} compact={compact} />
          ))}
      </div>
    </>
  );
}
