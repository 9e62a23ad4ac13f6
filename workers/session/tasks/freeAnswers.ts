import type { ModelRole } from '../../api/results';
import type { Executor } from '../../engine/executor';
import type { Watch } from '../../evaluation/watch';
import type { WrittenAnswer } from '../../evaluation/writtenAnswers';
import type { AnsweredTexts } from './runTask';

/** What both models wrote to the same texts. */
export interface BothAnswers extends Record<ModelRole, WrittenAnswer[]> {
  /** Indices of the texts, ascending. */
  rows: number[];
}

/** Texts that one model answers before the other does. */
const portionTexts = 32;

/**
 * Lets both models answer in turns, a portion of the texts each, so that wherever `watch` ends it both have answered the same ones,
 * evenly spread over the split. Null where that was before the first portion. Where `same`, the base model answers for both.
 */
export async function answerInTurns(
  { rows, write }: AnsweredTexts,
  executor: Executor,
  parameters: Record<ModelRole, Float32Array>,
  same: boolean,
  watch: Watch,
): Promise<BothAnswers | null> {
  const answered: { row: number; base: WrittenAnswer; tuned: WrittenAnswer }[] = [];
  const order = spread(rows);
  for (let at = 0; at < order.length; at += portionTexts) {
    const portion = order.slice(at, at + portionTexts);
    executor.writeState('parameters', parameters.base);
    const base = await write(portion, watch);
    if (!base) break;
    executor.writeState('parameters', parameters.tuned);
    const tuned = same ? base : await write(portion, watch);
    if (!tuned) break;
    portion.forEach((row, index) => answered.push({ row, base: base[index]!, tuned: tuned[index]! }));
  }
  if (answered.length === 0) return null;
  answered.sort((first, second) => first.row - second.row);
  return {
    rows: answered.map(({ row }) => row),
    base: answered.map(({ base }) => base),
    tuned: answered.map(({ tuned }) => tuned),
  };
}

const goldenRatio = (1 + Math.sqrt(5)) / 2;

/** Any beginning of this order is spread evenly over the rows, which may be sorted by class. */
function spread(rows: readonly number[]): number[] {
  return rows
    .map((row, index) => ({ row, place: (index * goldenRatio) % 1 }))
    .sort((first, second) => first.place - second.place)
    .map(({ row }) => row);
}
