import { expect, test } from 'vitest';
import { firstVisit, readVisit } from './lastVisit';

const write = (visit: object) => JSON.stringify({ version: 1, ...visit });

test('what was typed, the model and the dataset’s name come back', () => {
  const visit = {
    settings: { learningRate: '5e-4', promptTemplate: '{text}\n{label}' },
    model: { kind: 'hub', id: 'openai-community/gpt2', revision: 'main' },
    dataset: 'reviews.csv',
  } as const;
  expect(readVisit(write(visit))).toEqual(visit);
});

test('a model of dropped files is known by its name', () => {
  const model = { kind: 'files', name: 'my-gpt2' } as const;
  expect(readVisit(write({ ...firstVisit, model }))).toEqual({ ...firstVisit, model });
});

test.each([
  ['nothing', null],
  ['no JSON', '{"version":1,'],
  ['no record', '[1]'],
  ['another version', JSON.stringify({ version: 2, ...firstVisit, dataset: 'a.csv' })],
  ['more than anyone types', write({ ...firstVisit, dataset: 'a'.repeat(100_001) })],
])('%s is a first visit', (_, text) => expect(readVisit(text)).toEqual(firstVisit));

test('settings that are unknown or no text are left out, and the rest stays', () => {
  const text = `{"version":1,"settings":{"__proto__":{"r":"4"},"constructor":"x","r":8,"seed":"7"},"model":{"kind":"elsewhere"},"dataset":3}`;
  const visit = readVisit(text);
  expect(visit).toEqual({ settings: { seed: '7' }, model: { kind: 'embedded' }, dataset: null });
  expect(Object.getPrototypeOf(visit.settings)).toBe(Object.prototype);
});
