import type { SplitName, SplitOptions } from '../api/dataset';
import { TuneletError } from '../api/errors';
import { createRandom, randomStreams, shuffle } from './random';

/** Indices of rows, ascending. */
export type SplitIndices = Record<SplitName, Int32Array>;

/**
 * Carves validation and test rows out of `classOfRow` by label: of each label the same share, rounded by largest remainder so that the
 * totals are right too. Which rows is decided by the seed alone. Every label keeps at least one row for training.
 */
export function splitByLabel(
  classOfRow: Int32Array,
  classCount: number,
  options: Pick<SplitOptions, 'seed' | 'validationShare' | 'testShare'>,
): SplitIndices {
  checkShares(options);
  const members = shuffledMembers(classOfRow, classCount, options.seed);
  const counts = members.map((rows) => rows.length);
  const free = counts.map((count) => count - 1);
  const test = apportion(counts, options.testShare, free);
  const validation = apportion(
    counts,
    options.validationShare,
    free.map((room, index) => room - test[index]!),
  );
  const trainFrom = test.map((count, index) => count + validation[index]!);
  return {
    train: gathered(members.map((rows, index) => rows.subarray(trainFrom[index]))),
    validation: gathered(members.map((rows, index) => rows.subarray(test[index], trainFrom[index]))),
    test: gathered(members.map((rows, index) => rows.subarray(0, test[index]))),
  };
}

function gathered(parts: Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let filled = 0;
  for (const part of parts) {
    all.set(part, filled);
    filled += part.length;
  }
  return all.sort();
}

/** Of each count its share, as whole numbers that add up to the rounded share of all, none above its room. */
export function apportion(counts: readonly number[], share: number, room: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const quotas = counts.map((count, index) => Math.max(0, Math.min(Math.floor(count * share), room[index]!)));
  let missing = Math.round(total * share) - quotas.reduce((sum, quota) => sum + quota, 0);
  const byRemainder = counts
    .map((count, index) => ({ index, remainder: count * share - Math.floor(count * share) }))
    .filter(({ remainder }) => remainder > 0)
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder) {
    if (missing <= 0) break;
    if (quotas[index]! >= room[index]!) continue;
    quotas[index]! += 1;
    missing -= 1;
  }
  return quotas;
}

function shuffledMembers(classOfRow: Int32Array, classCount: number, seed: number): Int32Array[] {
  const sizes = new Int32Array(classCount);
  for (const label of classOfRow) sizes[label]! += 1;
  const members = Array.from(sizes, (size) => new Int32Array(size));
  const filled = new Int32Array(classCount);
  classOfRow.forEach((label, row) => {
    members[label]![filled[label]!] = row;
    filled[label]! += 1;
  });
  return members.map((rows, label) => shuffle(rows, createRandom(seed, randomStreams.split, label)));
}

export function checkShares({
  seed,
  validationShare,
  testShare,
}: Pick<SplitOptions, 'seed' | 'validationShare' | 'testShare'>): void {
  const fits = [validationShare, testShare].every((share) => Number.isFinite(share) && share >= 0);
  if (fits && validationShare + testShare <= 0.9 && Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff) return;
  throw new TuneletError(
    'settings/invalid',
    `Splitting the rows, the shares are ${validationShare} for validation and ${testShare} for test, the seed ${seed}. Both shares together may be 0 to 0.9, the seed is a whole number from 0.`,
    'Choose smaller shares, for example 0.1 each.',
    { validationShare, testShare, seed },
  );
}
