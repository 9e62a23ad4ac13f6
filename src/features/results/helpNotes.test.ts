import { describe, expect, it } from 'vitest';
import type { ClassFigures } from '../../../workers/api/results';
import { helpNotes, type Weighing } from './helpNotes';
import type { JudgedResult } from './judged';

const labels = ['lost', 'stolen', 'blocked', 'fare', 'refund'];

function judged(confusion: number[][], judgedBy: JudgedResult['judgedBy'] = 'likelihood'): JudgedResult {
  const averages = { precision: 0.8, recall: 0.8, f1: 0.8 };
  const supports = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const figures: ClassFigures = {
    split: 'test',
    count: supports.reduce((sum, count) => sum + count, 0),
    accuracy: 0.8,
    macro: averages,
    weighted: averages,
    perClass: labels.map((label, index) => {
      const support = supports[index] ?? 0;
      const right = confusion[index]?.[index] ?? 0;
      const said = confusion.reduce((sum, row) => sum + (row[index] ?? 0), 0);
      const recall = support === 0 ? 0 : right / support;
      const f1 = said + support === 0 ? 0 : (2 * right) / (said + support);
      return { label, support, precision: said === 0 ? 0 : right / said, recall, f1 };
    }),
    confusion,
    intervals: { accuracy: [0.7, 0.9], macroF1: [0.7, 0.9] },
    majority: { label: 'lost', share: 0.2 },
  };
  return { judgedBy, labels, base: figures, tuned: figures, righted: 0, lost: 0 };
}

const unweighed: Weighing = { task: 'head', classWeights: 'none' };

describe('what may help', () => {
  it('names pairs that overlap, each once', () => {
    const [first, ...others] = helpNotes(
      judged([
        [26, 14, 0, 0, 0],
        [5, 35, 0, 0, 0],
        [0, 0, 40, 0, 0],
        [0, 0, 0, 40, 0],
        [0, 0, 0, 0, 40],
      ]),
      unweighed,
    );
    expect(first).toMatchObject({ title: 'lost and stolen overlap.', cell: { actual: 0, predicted: 1 } });
    expect(first?.words).toContain('14 of 40 go one way, 5 the other');
    expect(others).toEqual([]);
  });

  it('names a class that several others end in, and one that is rare', () => {
    const notes = helpNotes(
      judged([
        [37, 0, 0, 3, 0],
        [0, 37, 0, 3, 0],
        [0, 0, 35, 5, 0],
        [0, 0, 0, 40, 0],
        [0, 0, 0, 1, 1],
      ]),
      unweighed,
    );
    expect(notes.map(({ title }) => title)).toEqual([
      'blocked and fare overlap.',
      'fare draws from its neighbours.',
      'refund is rare.',
    ]);
    expect(notes[1]?.words).toContain('12 texts of 4 other classes');
    expect(notes[2]?.words).toContain('refund has 2 texts here, a class 32 on average');
  });

  it('offers class weights where a rare class goes unseen and none were used', () => {
    const unseen: number[][] = labels.map((_, row) => labels.map((_label, column) => (row === 4 ? 0 : row === column ? 40 : 0)));
    unseen[4] = [1, 1, 1, 1, 1];
    const wordsWith = (weighing: Weighing | null): string => helpNotes(judged(unseen), weighing).at(-1)?.words ?? '';
    expect(wordsWith(unweighed)).toContain('It finds 20\u00a0% of them: class_weights “balanced”');
    expect(wordsWith({ task: 'head', classWeights: 'balanced' })).not.toContain('class_weights');
    expect(wordsWith({ task: 'prompt', classWeights: 'none' })).not.toContain('class_weights');
    expect(wordsWith(null)).not.toContain('class_weights');
    // Found, but others are taken for it: weights would make that worse.
    unseen[4] = [0, 0, 0, 0, 5];
    unseen[0] = [0, 0, 0, 0, 40];
    expect(wordsWith(unweighed)).toMatch(/refund has 5 texts.*help most\.$/);
  });

  it('says where answers name no label, and nothing where all is well', () => {
    const right = labels.map((_, row) => labels.map((_label, column) => (row === column ? 40 : 0)));
    expect(helpNotes(judged(right), unweighed)).toEqual([]);
    const silent = right.map((row, index) => [...row, index === 2 ? 30 : 0]);
    expect(helpNotes(judged(silent, 'writing'), null)).toEqual([
      {
        title: expect.stringMatching(/^13.% of the answers name no label/),
        words: expect.any(String),
        cell: { actual: 2, predicted: 5 },
      },
    ]);
  });
});
