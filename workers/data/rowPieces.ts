import type { PreviewPiece } from '../api/preview';
import type { TokenPiece } from './tokenPieces';

/** Where a row's own text stands in the text of its pieces; `to` is exclusive. */
export interface TextSpan {
  from: number;
  to: number;
}

/** Pieces for the page: those that carry loss one by one, others as runs of one kind, cut where the row's text begins and ends. */
export function rowPieces(tokens: readonly TokenPiece[], lossStart: number, spans: readonly TextSpan[]): PreviewPiece[] {
  const pieces: PreviewPiece[] = [];
  let at = 0;
  for (const { text, isSpecial, to } of tokens) {
    const carriesLoss = to > lossStart;
    const parts = carriesLoss || isSpecial ? [{ text, isRow: within(at, spans) }] : cut(text, at, spans);
    for (const part of parts) {
      const kind = isSpecial ? 'special' : part.isRow ? 'row' : 'around';
      const last = pieces.at(-1);
      if (last && !carriesLoss && !isSpecial && last.kind === kind && !last.carriesLoss) last.text += part.text;
      else pieces.push({ text: part.text, kind, carriesLoss });
    }
    at += text.length;
  }
  return pieces.filter(({ text }) => text !== '');
}

/** Where a text stands: as often as a template has it, at `start` or soon after, where the tokenizer adds or takes away nothing else. */
export function spansOf(whole: string, text: string, start: number, times: number): TextSpan[] {
  const wanted = text.trim();
  const spans: TextSpan[] = [];
  let from = Math.max(0, start - wanted.length);
  while (wanted !== '' && spans.length < times) {
    const found = whole.indexOf(wanted, from);
    if (found < 0) break;
    from = found + wanted.length;
    spans.push({ from: found, to: from });
  }
  return spans;
}

function within(at: number, spans: readonly TextSpan[]): boolean {
  return spans.some(({ from, to }) => at >= from && at < to);
}

function cut(text: string, at: number, spans: readonly TextSpan[]): { text: string; isRow: boolean }[] {
  const borders = spans.flatMap(({ from, to }) => [from - at, to - at]).filter((border) => border > 0 && border < text.length);
  const ends = [...new Set([...borders, text.length])].sort((a, b) => a - b);
  return ends.map((end, index) => {
    const start = ends[index - 1] ?? 0;
    return { text: text.slice(start, end), isRow: within(at + start, spans) };
  });
}
