import type { KeyboardEvent, PointerEvent } from 'react';
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
  /** Where the line may be moved by pointer or arrow keys. */
  move?: { least: number; most: number; onMove: (limit: number) => void };
}

/** How long the texts are in tokens, and where they are cut. Grey: it belongs to neither model. */
export function TokenHistogram({ bins, median, longest, limit, cutShare, move }: TokenHistogramProps) {
  const first = bins[0]?.from ?? 0;
  const end = bins.at(-1)?.to ?? 1;
  const highest = Math.max(1, ...bins.map((bin) => bin.count));
  const across = (tokens: number) => (100 * (tokens - first)) / Math.max(1, end - first);
  const isCut = limit < longest;
  const limitAt = across(Math.min(end, limit + 1));
  const tokensAt = ({ currentTarget, clientX }: PointerEvent): number => {
    const box = currentTarget.parentElement?.getBoundingClientRect();
    if (!box || box.width === 0) return limit;
    return Math.round(first + ((clientX - box.left) / box.width) * (end - first)) - 1;
  };
  return (
    <div role={move ? undefined : 'img'} aria-label={move ? undefined : sentence(median, longest, limit, cutShare)}>
      <div className="hist">
        {bins.map((bin) => (
          <i
            key={bin.from}
            className={bin.from > limit ? 'cut' : undefined}
            style={{ height: bin.count === 0 ? 0 : `${Math.max(1.5, (100 * bin.count) / highest)}%` }}
          />
        ))}
        {(isCut || move) && (
          <span
            className={['limit', limitAt > 62 ? 'before' : '', move ? 'movable' : ''].filter(Boolean).join(' ')}
            style={{ left: `${limitAt}%` }}
            {...(move && sliderOf(limit, move, tokensAt))}
          >
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

/** The line as a slider: dragged, or moved by arrows (Page Up and Down by more). */
function sliderOf(
  limit: number,
  { least, most, onMove }: NonNullable<TokenHistogramProps['move']>,
  tokensAt: (event: PointerEvent) => number,
) {
  const moveTo = (tokens: number) => {
    const kept = Math.min(most, Math.max(least, tokens));
    if (kept !== limit) onMove(kept);
  };
  const steps: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -16, PageUp: 16 };
  return {
    role: 'slider',
    tabIndex: 0,
    'aria-label': 'Longest text in tokens',
    'aria-valuemin': least,
    'aria-valuemax': most,
    'aria-valuenow': limit,
    'data-testid': 'cut-line',
    onKeyDown: (event: KeyboardEvent) => {
      const step = steps[event.key];
      const end = event.key === 'Home' ? least : event.key === 'End' ? most : null;
      if (step === undefined && end === null) return;
      event.preventDefault();
      moveTo(end ?? limit + (step ?? 0));
    },
    onPointerDown: (event: PointerEvent) => {
      event.preventDefault();
      event.currentTarget.setPointerCapture(event.pointerId);
      if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
    },
    onPointerMove: (event: PointerEvent) => {
      if (event.currentTarget.hasPointerCapture(event.pointerId)) moveTo(tokensAt(event));
    },
  };
}

function sentence(median: number, longest: number, limit: number, cutShare: number): string {
  const cut =
    limit < longest ? `${formatPercent(cutShare)} are longer than ${limit} and are cut there` : `none is cut at ${limit}`;
  return `Tokens in a text: median ${formatCount(median)}, longest ${formatCount(longest)}; ${cut}.`;
}
