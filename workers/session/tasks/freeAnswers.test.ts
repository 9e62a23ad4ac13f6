import { describe, expect, it } from 'vitest';
import { unwatched, type Watch } from '../../evaluation/watch';
import { createReferenceExecutor } from '../../testing/referenceProgram';
import { answerInTurns } from './freeAnswers';
import type { AnsweredTexts } from './runTask';

const parameters = { base: Float32Array.of(1), tuned: Float32Array.of(2) };
const rows = Array.from({ length: 300 }, (_, index) => 2 * index);

async function answersOf(watch: Watch, same = false) {
  const executor = createReferenceExecutor();
  executor.allocateParameters(1);
  const runs: { model: number; count: number }[] = [];
  const texts: AnsweredTexts = {
    rows,
    write: async (portion, { proceed, done }) => {
      const [model = 0] = await executor.readState('parameters');
      runs.push({ model, count: portion.length });
      const answers = [];
      for (const row of portion) {
        if (!(await proceed())) return null;
        answers.push({ answer: `${model}: ${row}`, label: null });
        done(1);
      }
      return answers;
    },
  };
  return { both: await answerInTurns(texts, executor, parameters, same, watch), runs };
}

/** Ends after so many texts. */
function endingAfter(count: number): Watch {
  let left = count;
  return { proceed: () => left > 0, done: (texts) => (left -= texts) };
}

describe('free answers of both models', () => {
  it('are to all texts, in the order of the rows', async () => {
    const { both } = await answersOf(unwatched);
    expect(both?.rows).toEqual(rows);
    expect(both?.base.map(({ answer }) => answer)).toEqual(rows.map((row) => `1: ${row}`));
    expect(both?.tuned.map(({ answer }) => answer)).toEqual(rows.map((row) => `2: ${row}`));
  });

  it('are to the same texts where they end early, evenly over the split', async () => {
    const { both } = await answersOf(endingAfter(170));
    expect(both?.rows).toHaveLength(64);
    expect(both?.rows).toEqual([...(both?.rows ?? [])].sort((first, second) => first - second));
    const firstHalf = both?.rows.filter((row) => row < 300).length ?? 0;
    expect(Math.abs(firstHalf - 32)).toBeLessThanOrEqual(2);
    both?.rows.forEach((row, index) => {
      expect([both.base[index]?.answer, both.tuned[index]?.answer]).toEqual([`1: ${row}`, `2: ${row}`]);
    });
  });

  it('are none where the second model has not answered the first texts', async () => {
    expect((await answersOf(endingAfter(50))).both).toBeNull();
  });

  it('are written once where nothing was trained', async () => {
    const { both, runs } = await answersOf(unwatched, true);
    expect(runs.every(({ model }) => model === 1)).toBe(true);
    expect(runs.reduce((sum, { count }) => sum + count, 0)).toBe(300);
    expect(both?.tuned).toEqual(both?.base);
  });
});
