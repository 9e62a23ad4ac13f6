import { confusionsOf } from '../../charts/matrix';
import type { JudgedResult } from './judged';

export type OrderName = 'confused' | 'given' | 'weakest';

/** Class indices in the order in which the matrix shows them. */
export function classOrder(name: OrderName, result: Pick<JudgedResult, 'labels' | 'tuned'>): number[] {
  const given = result.labels.map((_, index) => index);
  if (name === 'given') return given;
  if (name === 'weakest') {
    const figures = result.tuned.perClass;
    return given.sort((first, second) => (figures[first]?.f1 ?? 0) - (figures[second]?.f1 ?? 0));
  }
  return confusedTogether(result.tuned.confusion);
}

/**
 * Chains of classes, joined end to end by their largest confusions first, so that classes taken for each other stand side by
 * side and the errors lie near the diagonal.
 */
export function confusedTogether(counts: readonly (readonly number[])[]): number[] {
  const chainOf = counts.map((_, index) => [index]);
  for (const { actual, predicted } of confusionsOf(counts)) {
    const first = chainOf[actual];
    const second = chainOf[predicted];
    if (first === undefined || second === undefined || first === second) continue;
    const joined = joinAtEnds(first, actual, second, predicted);
    for (const index of joined ?? []) chainOf[index] = joined ?? [];
  }
  return [...new Set(chainOf)].sort((first, second) => second.length - first.length).flat();
}

/** One chain where both classes stand at an end of theirs, else null. */
function joinAtEnds(first: readonly number[], one: number, second: readonly number[], other: number): number[] | null {
  const head = first.at(-1) === one ? first : first[0] === one ? first.toReversed() : null;
  const tail = second[0] === other ? second : second.at(-1) === other ? second.toReversed() : null;
  return head && tail ? [...head, ...tail] : null;
}

/** The matrix with rows and columns in another order; a column after the classes' own stays the last. */
export function reorder(counts: readonly (readonly number[])[], order: readonly number[]): number[][] {
  return order.map((actual) => {
    const row = counts[actual] ?? [];
    return [...order.map((predicted) => row[predicted] ?? 0), ...row.slice(order.length)];
  });
}
