import { expect, it } from 'vitest';
import type { KeptAnswer, RunDetails } from '../../runs/details';
import { keptRun } from '../../testing/keptRun';
import { compareRuns, type ReadRun } from './runComparison';

const labels = ['card', 'cash', 'transfer'];
const texts = ['one', 'two', 'three', 'four'];
const truth = Int32Array.of(0, 1, 2, 0);

/** Logits that are surest of these classes. */
function sureOf(classes: readonly number[]): Float32Array {
  return Float32Array.from(classes.flatMap((chosen) => labels.map((_, index) => (index === chosen ? 2 : 0))));
}

function answered(written: readonly (readonly [answer: string, label: number | null])[]): KeptAnswer[] {
  return written.map(([answer, label]) => ({ answer, label }));
}

function runOf(classes: readonly number[], written: { rows: number[]; tuned: KeptAnswer[] } | null): ReadRun {
  const details: RunDetails = {
    labels,
    trainExamples: 80,
    classWeights: null,
    skippedSteps: 0,
    rateHalvedAfter: null,
    tokensPerSecond: 1,
    adapterBytes: 1,
    python: '',
    baseFilesOffered: true,
    steps: new Float64Array(),
    curve: Float64Array.of(0, 0, 1, 0.5, 0.4, 4, 1, 0.5, 0.75, 0.7),
    judged: {
      split: 'test',
      texts,
      labels: truth,
      base: sureOf([0, 0, 0, 0]),
      tuned: sureOf(classes),
      written: written && { rows: Int32Array.from(written.rows), base: written.tuned, tuned: written.tuned },
    },
    columns: [],
    data: null,
  };
  return { run: { ...keptRun, task: written ? 'prompt' : 'head' }, details };
}

it('reads free answers beside each other, on the texts that both answered, with what they wrote', () => {
  const a = runOf([0, 1, 2, 0], { rows: [0, 1, 3], tuned: answered([[' card', 0], ['a coin', null], ['card.', 0]]) }); // prettier-ignore
  const b = runOf([0, 1, 0, 1], { rows: [0, 1, 2], tuned: answered([['card', 0], ['cash', 1], ['transfer', 2]]) }); // prettier-ignore
  const { comparison, disagreements } = compareRuns(a, b);
  expect(comparison.texts).toMatchObject({ common: 4, bothRight: 2, onlyA: 2, onlyB: 0, disagreements: 2 });
  expect(disagreements.likelihood).toEqual([
    { text: 'three', label: 'transfer', a: { label: 'transfer', answer: null }, b: { label: 'card', answer: null } },
    { text: 'four', label: 'card', a: { label: 'card', answer: null }, b: { label: 'cash', answer: null } },
  ]);
  const { written } = comparison;
  expect(written?.texts).toMatchObject({ common: 2, ofA: 3, ofB: 3, bothRight: 1, onlyA: 0, onlyB: 1, neither: 0 });
  // Different texts were answered: the figures are those of each run's own, and have no interval.
  expect(written?.figures).toEqual([
    expect.objectContaining({ name: 'accuracy', a: 2 / 3, b: 1, interval: null }),
    expect.objectContaining({ name: 'macroF1', b: 1, interval: null }),
  ]);
  expect(disagreements.writing).toEqual([
    { text: 'two', label: 'cash', a: { label: null, answer: 'a coin' }, b: { label: 'cash', answer: 'cash' } },
  ]);
});

it('gives intervals where the same texts were answered, and nothing written where one run wrote nothing', () => {
  const all = { rows: [0, 1, 2, 3], tuned: answered([['card', 0], ['cash', 1], ['?', null], ['card', 0]]) }; // prettier-ignore
  const better = { rows: [0, 1, 2, 3], tuned: answered([['card', 0], ['cash', 1], ['transfer', 2], ['card', 0]]) }; // prettier-ignore
  const { comparison } = compareRuns(runOf([0, 1, 2, 0], better), runOf([0, 1, 2, 0], all));
  const accuracy = comparison.written?.figures[0];
  expect(accuracy).toMatchObject({ a: 1, b: 0.75, difference: 0.25 });
  expect(accuracy?.interval?.[0]).toBeGreaterThanOrEqual(0);
  expect(accuracy?.interval?.[1]).toBeGreaterThan(0.25);
  expect(compareRuns(runOf([0, 1, 2, 0], better), runOf([0, 1, 2, 0], null)).comparison.written).toBeNull();
});
