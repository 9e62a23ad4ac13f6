interface ShareBin {
  /** Fractions; `to` is exclusive but for the last. */
  from: number;
  to: number;
  count: number;
}

const binCount = 20;

/** Twenty bins from the quarter below the lowest value to 1. */
export function shareBins(values: readonly number[]): ShareBin[] {
  const lowest = values.reduce((least, value) => Math.min(least, value), 1);
  const from = Math.min(0.75, Math.floor(lowest * 4) / 4);
  const width = (1 - from) / binCount;
  const counts = new Array<number>(binCount).fill(0);
  for (const value of values) counts[Math.min(binCount - 1, Math.floor((value - from) / width))]! += 1;
  return counts.map((count, index) => ({ from: from + index * width, to: from + (index + 1) * width, count }));
}

/** Of an odd number the middle one, else the mean of the two in the middle; 0 of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((first, second) => first - second);
  const middle = Math.floor(sorted.length / 2);
  const above = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? above : ((sorted[middle - 1] ?? 0) + above) / 2;
}
