import { expect, test } from 'vitest';
import { checkSettings } from '../../workers/api/checkSettings';
import type { HubDatasetPlan } from '../../workers/api/hubDataset';
import { defaultSettings } from '../../workers/api/model';
import { templateProblem } from '../../workers/api/promptTemplate';
import { datasetPresets } from './datasetPresets';
import { choiceOf, draftOf, withSplit } from './hubDataset';

const plan: HubDatasetPlan = {
  id: 'stanfordnlp/sst2',
  config: 'default',
  configs: ['default'],
  features: [
    { name: 'idx', type: 'int32', classNames: null },
    { name: 'sentence', type: 'string', classNames: null },
    { name: 'label', type: 'class', classNames: ['negative', 'positive'] },
  ],
  splits: ['train', 'validation', 'test'].map((name) => ({
    name,
    rows: 100,
    sizeBytes: 1000,
    keptBytes: 0,
    isPartial: false,
    unlabelled: name === 'test' ? ['label'] : [],
  })),
  preview: [],
  licence: null,
  isGated: false,
  isFromDevice: false,
  storage: null,
};

test('every preset has settings that can be, and a template that fits its task', () => {
  for (const { settings, title } of datasetPresets) {
    const whole = { ...defaultSettings(null, 1000).settings, ...settings };
    expect(checkSettings(whole), title).toEqual([]);
    expect(templateProblem(whole.promptTemplate), title).toBe(null);
  }
});

test('a draft follows the preset where it fits, else the names of splits and columns', () => {
  const sst2 = datasetPresets.find(({ id }) => id === plan.id) ?? null;
  const expected = {
    splits: { train: 'train', validation: null, test: 'validation' },
    text: 'sentence',
    label: 'label',
    rows: '',
  };
  expect(draftOf(plan, sst2)).toMatchObject(expected);
  expect(draftOf(plan, null)).toMatchObject(expected);
  const tweets = datasetPresets.find(({ config }) => config === 'sentiment') ?? null;
  expect(draftOf(plan, tweets)).toMatchObject(expected);
  const imdb = datasetPresets.find(({ title }) => title === 'IMDb') ?? null;
  const other = { ...plan, id: 'stanfordnlp/imdb', config: 'plain_text', splits: plan.splits.slice(0, 1) };
  expect(draftOf(other, imdb)).toMatchObject({ splits: { train: 'train', validation: null, test: null }, rows: '2500' });
});

test('a split is used for one part, and a part has one split', () => {
  const draft = draftOf(plan, null);
  expect(withSplit(draft, 'test', 'test').splits).toEqual({ train: 'train', validation: null, test: 'test' });
  expect(withSplit(draft, 'train', 'test').splits).toEqual({ train: null, validation: null, test: 'train' });
  expect(withSplit(draft, 'validation', null).splits).toEqual({ train: 'train', validation: null, test: null });
});

test('what is missing of a choice is said', () => {
  const draft = draftOf(plan, null);
  expect(choiceOf(plan, { ...draft, rows: '1,200' })).toMatchObject({ rows: 1200, choose: 'spread', text: 'sentence' });
  expect(choiceOf(plan, draft)).toMatchObject({ rows: null });
  for (const rows of ['0', '9', '1.5', 'ten', '-20']) expect(choiceOf(plan, { ...draft, rows })).toHaveProperty('problem');
  expect(choiceOf(plan, { ...draft, text: '' })).toEqual({ problem: 'Choose the column of texts.' });
  expect(choiceOf(plan, withSplit(draft, 'train', null))).toEqual({ problem: 'Choose the split to train on.' });
});
