import { TuneletError } from '../api/errors';
import { lineParts } from './badBytes';
import type { ByteSource } from './source/byteSource';

/** Lines before and after the guilty one. */
const LINES_AROUND = 2;
const CHARACTERS_SHOWN = 160;
/** Where a line is cut on its left, so much of what stands before the mark is kept. */
const CHARACTERS_BEFORE_MARK = 40;
/** A line may be as long as the file; more of it than this is not looked at. */
const LINE_BYTES_KEPT = 16 * 1024;
const NUL_SYMBOL = '\u2400';
const REPLACEMENT = '\ufffd';

/**
 * Adds the lines around `details.line` to an error about a place in a file: `excerpt` (lines divided by LF, control characters as
 * visible symbols), `excerptLine` (number of the first) and, where the place is known to the character, `excerptColumn` (from 1, in
 * the guilty line as it is shown). Anything else is given back as it came.
 */
export async function withExcerpt(thrown: unknown, source: ByteSource): Promise<unknown> {
  if (!(thrown instanceof TuneletError)) return thrown;
  const { line, column } = thrown.details;
  if (typeof line !== 'number') return thrown;
  const excerptLine = Math.max(1, line - LINES_AROUND);
  const lines = await linesOf(source, excerptLine, line + LINES_AROUND);
  const guilty = lines[line - excerptLine];
  if (guilty === undefined) return thrown;
  const mark = typeof column === 'number' ? column - 1 : markOf(thrown.code, guilty);
  const cut = cutAround(guilty, mark);
  const excerpt = lines.map((text, index) => (index === line - excerptLine ? cut.text : cutAround(text, -1).text)).join('\n');
  const place = cut.mark < 0 ? {} : { excerptColumn: cut.mark + 1 };
  return new TuneletError(thrown.code, thrown.message, thrown.remedy, { ...thrown.details, excerpt, excerptLine, ...place });
}

/** The rows around `row`, where lines are no longer known: as `withExcerpt`, but `excerptLine` counts data rows. */
export function excerptOfRows(rows: readonly { row: number; cells: readonly string[] }[], row: number): TuneletError['details'] {
  const byRow = new Map(rows.map((entry) => [entry.row, entry.cells]));
  // Only rows without a gap between them: those left out would shift the numbers below.
  let first = row;
  while (row - first < LINES_AROUND && byRow.has(first - 1)) first -= 1;
  const lines: string[] = [];
  for (let next = first; next <= row + LINES_AROUND; next += 1) {
    const cells = byRow.get(next);
    if (cells === undefined) break;
    lines.push(cutAround(visible(cells.join(', ')), -1).text);
  }
  return { excerpt: lines.join('\n'), excerptLine: first, excerptCounts: 'rows' };
}

/** Decoded lines `first` to `last`, both counted from 1; fewer where the file ends before. */
async function linesOf(source: ByteSource, first: number, last: number): Promise<string[]> {
  const lines: string[] = [];
  let kept: Uint8Array[] = [];
  let keptBytes = 0;
  let isWhole = true;
  const take = (): void => {
    lines.push(decoded(kept, isWhole));
    kept = [];
    keptBytes = 0;
    isWhole = true;
  };
  for await (const { bytes, endsLine, line } of lineParts(source, (_, __, lastLine) => lastLine >= first)) {
    if (line < first) continue;
    if (line > last) return lines;
    const part = bytes.slice(0, LINE_BYTES_KEPT - keptBytes);
    isWhole &&= part.length === bytes.length;
    kept.push(part);
    keptBytes += part.length;
    if (endsLine) take();
  }
  // A line end at the end of the file opens no line.
  if (keptBytes > 0) take();
  return lines;
}

function decoded(parts: readonly Uint8Array[], isWhole: boolean): string {
  const decoder = new TextDecoder('utf-8');
  const text = parts.map((part) => decoder.decode(part, { stream: true })).join('');
  // A character that only our own cut broke must not look damaged.
  return visible(isWhole ? text + decoder.decode() : text);
}

/** Control characters as the symbols that Unicode has for them, one for one, so that columns stay. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\u2426';
  });
}

function markOf(code: string, line: string): number {
  if (code === 'data/nul-byte') return line.indexOf(NUL_SYMBOL);
  return code === 'data/not-utf8' ? line.indexOf(REPLACEMENT) : -1;
}

/** At most about 160 characters with the mark among them; `mark` -1 is none. */
function cutAround(text: string, mark: number): { text: string; mark: number } {
  const known = mark < text.length ? mark : -1;
  const start = betweenCharacters(text, known > CHARACTERS_SHOWN - CHARACTERS_BEFORE_MARK ? known - CHARACTERS_BEFORE_MARK : 0);
  const end = betweenCharacters(text, start + CHARACTERS_SHOWN);
  const body = text.slice(start, end);
  const before = start > 0 ? '…' : '';
  return { text: before + body + (end < text.length ? '…' : ''), mark: known < 0 ? -1 : known - start + before.length };
}

/** `index`, or one less where it would part the two halves of a character. */
function betweenCharacters(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return index > 0 && code >= 0xdc00 && code <= 0xdfff ? index - 1 : index;
}
