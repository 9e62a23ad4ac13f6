import type { TokenStatistics } from '../api/dataset';

/** At most so many bars, each of a whole number of token counts. */
const MOST_BINS = 40;

/** What a histogram of lengths alone cannot tell. */
export type TextFindings = Pick<TokenStatistics, 'coverage' | 'extremes'>;

const nothingFound: TextFindings = { coverage: null, extremes: null };

/** Histogram, median and cut texts. `lengths` are tokens of each text before cutting. */
export function tokenStatistics(lengths: Int32Array, maxLength: number, findings = nothingFound): TokenStatistics {
  if (lengths.length === 0) return { bins: [], median: 0, longest: 0, truncated: 0, texts: 0, ...findings };
  const sorted = lengths.toSorted();
  const shortest = sorted[0]!;
  const longest = sorted[sorted.length - 1]!;
  const width = Math.ceil((longest - shortest + 1) / MOST_BINS);
  const bins = Array.from({ length: Math.ceil((longest - shortest + 1) / width) }, (_, index) => ({
    from: shortest + index * width,
    to: shortest + (index + 1) * width,
    count: 0,
  }));
  let truncated = 0;
  for (const length of sorted) {
    bins[Math.floor((length - shortest) / width)]!.count += 1;
    if (length > maxLength) truncated += 1;
  }
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
  return { bins, median, longest, truncated, texts: lengths.length, ...findings };
}
