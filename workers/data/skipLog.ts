import type { SkippedRows, SkipReason } from '../api/dataset';

/** So many rows are kept for the list that the user can download; all are counted. */
const mostListed = 10_000;
const excerptCharacters = 200;

/** Reads after a count: "3 rows without a label". */
export const skipWords: Record<SkipReason, string> = {
  'no-label': 'without a label',
  'empty-text': 'with an empty text',
  'too-few-fields': 'with too few fields',
  'too-many-fields': 'with too many fields',
  'broken-json': 'that are no JSON object',
  'nested-too-deep': 'nested too deep',
  'half-a-character': 'with half of a character (a lone surrogate)',
  'nul-character': 'with a NUL character',
  'number-too-large': 'with a number too large to hold',
  'broken-quotes': 'with a quotation mark that does not close',
  'same-text': 'with a text that came before',
  'too-few-words': 'with too few words',
  'in-another-split': 'whose text or group stands in the validation or test file',
};

export interface ListedRow {
  code: SkipReason;
  /** Data rows counted from 1. */
  row: number;
  /** The beginning of what stands there. */
  excerpt: string;
}

/** Rows left out, with their reasons: all counted, the first of them listed. */
export class SkipLog {
  readonly #entries = new Map<SkipReason, SkippedRows>();
  readonly listed: ListedRow[] = [];

  note(code: SkipReason, row: number, excerpt: string): void {
    const shown = excerpt.length > excerptCharacters ? `${excerpt.slice(0, excerptCharacters)}…` : excerpt;
    const entry = this.#entries.get(code);
    if (entry) entry.count += 1;
    else this.#entries.set(code, { code, reason: skipWords[code], count: 1, firstRow: row, excerpt: shown });
    if (this.listed.length < mostListed) this.listed.push({ code, row, excerpt: shown });
  }

  /** To go on with, apart from this one. */
  copy(): SkipLog {
    const copy = new SkipLog();
    for (const [code, entry] of this.#entries) copy.#entries.set(code, { ...entry });
    copy.listed.push(...this.listed);
    return copy;
  }

  get entries(): SkippedRows[] {
    return [...this.#entries.values()];
  }

  get count(): number {
    return this.entries.reduce((sum, entry) => sum + entry.count, 0);
  }
}

/** The same reasons of several logs as one; rows count in the file that comes first. */
export function joinSkips(logs: readonly SkipLog[]): SkippedRows[] {
  const joined = new Map<SkipReason, SkippedRows>();
  for (const entry of logs.flatMap((log) => log.entries)) {
    const earlier = joined.get(entry.code);
    joined.set(entry.code, earlier ? { ...earlier, count: earlier.count + entry.count } : entry);
  }
  return [...joined.values()];
}
