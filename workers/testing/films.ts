import { defaultSettings } from '../api/model';
import type { TrainingSettings } from '../api/settings';

const rows = ['good,1', 'bad,0', 'fine,1', 'poor,0', 'nice,1', 'dull,0', 'warm,1', 'cold,0'];

/** A table of short texts with two labels, `rounds` times eight rows. */
export function filmTable(rounds: number): File {
  const texts = Array.from({ length: rounds }, (_, round) => rows.map((row) => row.replace(',', ` film ${round + 1},`)));
  return new File([['text,label', ...texts.flat()].join('\n')], 'films.csv');
}

/** A run of a few short steps over it, with a state kept every second and an evaluation every third. */
export const filmSettings: TrainingSettings = {
  ...defaultSettings(null, 24).settings,
  maxSteps: 8,
  perDeviceTrainBatchSize: 4,
  learningRate: 1e-3,
  warmupSteps: 0,
  evalSteps: 3,
  saveSteps: 2,
  maxLength: 16,
};
