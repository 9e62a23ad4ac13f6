/** Rows whose label is less sure than so many per cent; `sureness[p]` have from p to under p + 1. */
export function rowsBelow(sureness: readonly number[], below: number): number {
  return sureness.slice(0, below).reduce((sum, count) => sum + count, 0);
}

const usualShare = 0.1;

/** The limit to begin with: in steps of five per cent, so that about a tenth of the rows are to be looked at. */
export function usualLimit(sureness: readonly number[]): number {
  const all = rowsBelow(sureness, sureness.length);
  for (let limit = 5; limit < 100; limit += 5) if (rowsBelow(sureness, limit) >= usualShare * all) return limit;
  return 95;
}
