import { describe, expect, it } from 'vitest';
import { evaluateWritten } from './writtenAnswers';

const answers = [0, 1, null, 1, 1, null].map((label) => ({ answer: '', label }));

describe('written answers', () => {
  const figures = evaluateWritten(Int32Array.of(0, 0, 0, 1, 1, 1), answers, ['bad', 'good'], 'test', 1);

  it('count those that name no label in a column of their own', () => {
    expect(figures.confusion).toEqual([
      [1, 1, 1],
      [0, 2, 1],
    ]);
    expect(figures.unparsed).toBeCloseTo(2 / 6, 12);
  });

  it('have scikit-learn’s figures, where such an answer is outside of all classes', () => {
    expect(figures.accuracy).toBeCloseTo(0.5, 12);
    // bad: precision 1, recall 1/3; good: precision 2/3, recall 2/3.
    expect(figures.perClass.map(({ f1 }) => f1)).toEqual([expect.closeTo(0.5, 12), expect.closeTo(2 / 3, 12)]);
    expect(figures.macro.f1).toBeCloseTo((0.5 + 2 / 3) / 2, 12);
    expect(figures.macro.recall).toBeCloseTo(0.5, 12);
    expect(figures.intervals.macroF1[0]).toBeLessThanOrEqual(figures.macro.f1);
    expect(figures.intervals.macroF1[1]).toBeGreaterThanOrEqual(figures.macro.f1);
  });

  it('refuse labels without answers', () => {
    expect(() => evaluateWritten(Int32Array.of(0), [], ['bad', 'good'], 'test', 1)).toThrow('answers');
  });
});
