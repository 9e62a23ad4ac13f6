import { describe, expect, it } from 'vitest';
import { noCleaning } from '../../workers/api/cleaning';
import type { DatasetSummary } from '../../workers/api/dataset';
import type { ModelSummary } from '../../workers/api/model';
import { startGap } from './readiness';
import { emptySession } from './session';

const dataset: DatasetSummary = {
  name: 'a.csv',
  sizeBytes: 100,
  format: 'UTF-8, comma',
  columns: ['text', 'label'],
  guess: { text: { column: 'text', reason: '' }, label: { column: 'label', reason: '' } },
  mapping: { text: 'text', label: 'label' },
  cleaning: noCleaning,
  preview: [],
  rowCount: 10,
  labels: [],
  skipped: [],
  warnings: [],
  split: { train: 8, validation: 1, test: 1 },
  splitMethod: 'by label, seed 42',
  splitCounts: { train: [], validation: [], test: [] },
  unused: 0,
  givenSplits: [],
  groups: null,
  joinedLabels: [],
  labelVariants: [],
  splitOptions: {
    seed: 42,
    method: 'ratio',
    validationShare: 0.1,
    testShare: 0.1,
    stratified: true,
    rowsPerClass: { train: 100, validation: 20, test: 20 },
    groupColumn: null,
    sameTextTogether: false,
  },
  attribution: null,
};
const model: ModelSummary = {
  name: 'nano-gpt2',
  source: 'embedded',
  architecture: 'gpt2',
  revision: null,
  licence: null,
  parameterCount: 5.4e6,
  layers: 4,
  width: 256,
  heads: 4,
  positions: 512,
  vocabularySize: 8192,
  sizeBytes: 11e6,
  padTokenId: 0,
  modules: new Map(),
  canWrite: true,
  moduleNames: ['c_attn'],
  defaultModules: ['c_attn'],
  hasChatFormat: false,
};
const device = { executor: 'wasm' as const, label: 'Processor, 2 threads', notice: null, offers: null };

describe('startGap', () => {
  it('names the first thing missing, in the order of the page', () => {
    expect(startGap(emptySession, [])?.label).toBe('Start needs a dataset');
    expect(startGap({ ...emptySession, dataset, device }, [])).toMatchObject({ label: 'Start needs a model', part: 'model' });
    const problem = { key: 'learningRate' as const, message: 'learning_rate is 2. The most is 1.' };
    expect(startGap({ ...emptySession, dataset, model, device }, [problem])).toEqual({
      label: 'Start needs learning rate settled',
      short: 'Needs learning rate settled',
      remedy: 'learning_rate is 2. The most is 1.',
      part: 'setting-learning_rate',
    });
  });

  it('waits for a file that failed although the data before it are there', () => {
    const report = { code: 'data/nul-byte' as const, message: '', remedy: '', details: {} };
    const failed = {
      ...emptySession,
      dataset,
      model,
      device,
      datasetError: { file: 'b.csv', files: null, choices: {}, sizeBytes: 3, report },
    };
    expect(startGap(failed, [])?.label).toBe('Start needs the file settled');
  });

  it('wants less memory where the run does not fit', () => {
    const memory = { weightBytes: 6e8, adapterBytes: 1e8, activationBytes: 3e8, totalBytes: 1e9 };
    const memoryProblem = { message: 'This run needs 1.0 GB of memory.', limitBytes: 5e8, remedies: [] };
    const tokens = { bins: [], median: 1, longest: 1, truncated: 0, texts: 1, coverage: null, extremes: null };
    const counts = {
      trainRows: 1,
      task: 'head' as const,
      targetsPerEpoch: 1,
      tokensPerEpoch: 1,
      stepsPerEpoch: 1,
      totalSteps: 1,
      evaluations: 1,
    };
    const plan = {
      tokens,
      ...counts,
      trainableParameters: 1,
      adapterBytes: 4,
      precision: 'float32' as const,
      precisionNotice: null,
      gradientCheckpointing: { isOn: false, insteadOfBytes: null },
      memory,
      memoryProblem,
    };
    const gap = startGap({ ...emptySession, dataset, model, device, plan }, []);
    expect(gap).toMatchObject({ label: 'Start needs less memory', part: 'notices' });
  });

  it('waits for the chosen model’s download, and for no other’s', () => {
    const commit = '607a30d783dfa663caf39e06633721c8d4cfcd7e';
    const hubModel: ModelSummary = { ...model, source: 'hub', name: 'owner/name', revision: commit };
    const download = {
      id: 'owner/name',
      commit,
      file: 'model.safetensors',
      loadedBytes: 1,
      totalBytes: 2,
      bytesPerSecond: 1,
      secondsLeft: 52.4,
      isOver: false,
    };
    const ready = { ...emptySession, dataset, model: hubModel, device };
    expect(startGap(ready, [], download)).toMatchObject({ label: 'Start needs the model, 53 s', short: 'Needs the model' });
    expect(startGap(ready, [], { ...download, secondsLeft: null })?.label).toBe('Start needs the model');
    expect(startGap(ready, [], { ...download, secondsLeft: 200 })?.label).toBe('Start needs the model, 3 min');
    expect(startGap(ready, [], { ...download, id: 'owner/other' })).toBeNull();
  });

  it('is null when a run can start', () => {
    expect(startGap({ ...emptySession, dataset, model, device }, [])).toBeNull();
  });
});
