/** So many losses before a step are what it is held against. */
export const recentCount = 64;
const leastCount = 20;
const deviations = 8;
const overHighest = 1.5;
/** Of a normal distribution: its standard deviation by its median absolute deviation. */
const deviationOfMedian = 1.4826;

/**
 * Whether a step's loss stands out of the losses before it: 1.5 times the highest of the last 64, and 8 robust deviations (1.4826 times the
 * median absolute deviation) above their median. So a few hard texts in a small batch are no spike, and a loss that stays high is one once.
 */
export function isLossSpike(loss: number, recent: readonly number[]): boolean {
  if (recent.length < leastCount || !(loss > overHighest * Math.max(...recent))) return false;
  const middle = median(recent);
  const deviation = deviationOfMedian * median(recent.map((value) => Math.abs(value - middle)));
  return loss > middle + deviations * deviation;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((first, second) => first - second);
  const upper = Math.floor(sorted.length / 2);
  const high = sorted[upper] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[upper - 1] ?? high) + high) / 2;
}
