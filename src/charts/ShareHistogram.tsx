import { formatShare } from './format';
import { shareBins } from './shareBins';
import './TokenHistogram.css';

interface ShareHistogramProps {
  /** Fractions from 0 to 1. */
  values: readonly number[];
  /** What has them: "F1 of the 77 classes". */
  name: string;
}

/** How many of the values are how high, from a round figure below the lowest to 100. Grey: counts belong to neither model. */
export function ShareHistogram({ values, name }: ShareHistogramProps) {
  const bins = shareBins(values);
  const from = bins[0]?.from ?? 0;
  const highest = Math.max(1, ...bins.map(({ count }) => count));
  const sorted = values.toSorted((first, second) => first - second);
  const sentence = `${name}: from ${formatShare(sorted[0] ?? 0)} to ${formatShare(sorted.at(-1) ?? 0)}, most at ${formatShare(bins.find(({ count }) => count === highest)?.from ?? 0, 0)} and above`;
  return (
    <div role="img" aria-label={sentence}>
      <div className="hist">
        {bins.map((bin) => (
          <i
            key={bin.from}
            title={`${formatShare(bin.from, 0)} to ${formatShare(bin.to, 0)}: ${bin.count}`}
            style={{ height: bin.count === 0 ? 0 : `${Math.max(1.5, (100 * bin.count) / highest)}%` }}
          />
        ))}
      </div>
      <div className="hist-x">
        <span>{formatShare(from, 0)}</span>
        <span style={{ left: '50%' }}>{formatShare((1 + from) / 2, from === 0.75 ? 1 : 0)}</span>
        <span>100</span>
      </div>
    </div>
  );
}
