import { noCleaning } from '../api/cleaning';
import { defaultSettings } from '../api/model';
import type { KeptFigures, KeptRun } from '../api/runs';

const scores = { accuracy: 0.5, accuracyInterval: [0.4, 0.6] as [number, number], macroF1: 0.5 };

/** As good as chance, before and after. */
export const keptFigures = {
  kind: 'classes',
  judgedBy: 'likelihood',
  split: 'test',
  count: 100,
  classes: 3,
  majorityShare: 0.4,
  base: scores,
  tuned: scores,
} satisfies KeptFigures;

/** A plain run of nano-gpt2 with a classifier's head, all settings as they are by default. */
export const keptRun: KeptRun = {
  id: 'run-0001',
  number: 1,
  name: 'nano-gpt2 on bank',
  isRenamed: false,
  startedAt: 0,
  task: 'head',
  origin: 'run',
  model: { name: 'nano-gpt2', source: 'embedded', revision: null, file: null },
  dataset: { name: 'bank.csv', hash: 'a'.repeat(64), rows: { train: 80, validation: 10, test: 10 } },
  settings: { ...defaultSettings(null, 80).settings, gradientCheckpointing: false },
  changed: [],
  preparation: {
    mapping: { text: 'text', label: 'label' },
    cleaning: noCleaning,
    split: {
      seed: 42,
      method: 'ratio',
      validationShare: 0.1,
      testShare: 0.1,
      stratified: true,
      rowsPerClass: { train: 1, validation: 1, test: 1 },
      groupColumn: null,
      sameTextTogether: false,
    },
  },
  device: 'Processor',
  steps: 10,
  totalSteps: 10,
  bestStep: 10,
  stopped: false,
  elapsedSeconds: 1,
  notices: [],
  figures: keptFigures,
  validationLoss: [],
};
