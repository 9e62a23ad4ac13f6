import { formatCount, formatPercent } from '../ui/format';
import './TokenHistogram.css';

interface TokenHistogramProps {
  /** Tokens in a text; `to` is exclusive. */
  bins: readonly { from: number; to: number; count: number }[];
  median: number;
  longest: number;
  /** Longest text that is kept whole, in tokens. */
  limit: number;
  /** Share of the texts that are longer. */
  cutShare: number;
}

/** How long the texts are in tokens, and where they are cut. Grey: it belongs to neither model. */
export function TokenHistogram({ bins, median, longest, limit, cutShare }: TokenHistogramProps) {
  const first = bins[0]?.from ?? 0;
  const end = bins.at(-1)?.to ?? 1;
  const highest = Math.max(1, ...bins.map((bin) => bin.count));
  const across = (tokens: number) => (100 * (tokens - first)) / Math.max(1, end - first);
  const isCut = limit < longest;
  const limitAt = across(Math.min(end, limit + 1));
  return (
    <div role="img" aria-label={sentence(median, longest, limit, cutShare)}>
      <div className="hist">
        {bins.map((bin) => (
          <i
            key={bin.from}
            className={bin.from > limit ? 'cut' : undefined}
            style={{ height: bin.count === 0 ? 0 : `${Math.max(1.5, (100 * bin.count) / highest)}%` }}
          />
        ))}
        {isCut && (
          <span className={limitAt > 62 ? 'limit before' : 'limit'} style={{ left: `${limitAt}%` }}>
            <span>
              cut at {formatCount(limit)}: {formatPercent(cutShare)}
            </span>
          </span>
        )}
      </div>
      <div className="hist-x">
        <span>{first}</span>
        <span style={{ left: `${Math.min(72, Math.max(16, across(median)))}%` }}>median {formatCount(median)}</span>
        <span>{formatCount(longest)}</span>
      </div>
    </div>
  );
}

function sentence(median: number, longest: number, limit: number, cutShare: number): string {
  const cut =
    limit < longest ? `${formatPercent(cutShare)} are longer than ${limit} and are cut there` : `none is cut at ${limit}`;
  return `Tokens in a text: median ${formatCount(median)}, longest ${formatCount(longest)}; ${cut}.`;
}
