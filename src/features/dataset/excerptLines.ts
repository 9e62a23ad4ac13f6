import type { ErrorCode, ErrorReport } from '../../../workers/api/errors';

export interface ExcerptLine {
  /** As the file counts, from 1. */
  number: number;
  text: string;
  /** Index of the guilty character, or null where it is not known to the character. */
  mark: number | null;
  isGuilty: boolean;
  /** What is wrong at this line, a few words. */
  remark: string | null;
}

export interface Excerpt {
  counts: 'Lines' | 'Rows';
  lines: ExcerptLine[];
}

/** The lines that an error of a file carries in its details, or null. */
export function excerptOf({ code, details }: Pick<ErrorReport, 'code' | 'details'>): Excerpt | null {
  const { excerpt, excerptLine, excerptColumn, excerptCounts, line, row } = details;
  if (typeof excerpt !== 'string' || typeof excerptLine !== 'number') return null;
  const guilty = excerptCounts === 'rows' ? row : line;
  const lines = excerpt.split('\n').map((text, index) => {
    const number = excerptLine + index;
    const isGuilty = number === guilty;
    return {
      number,
      text,
      mark: isGuilty && typeof excerptColumn === 'number' ? excerptColumn - 1 : null,
      isGuilty,
      remark: isGuilty ? remarkOf(code, details) : null,
    };
  });
  return { counts: excerptCounts === 'rows' ? 'Rows' : 'Lines', lines };
}

function remarkOf(code: ErrorCode, { closedOnLine, insideQuotes }: ErrorReport['details']): string | null {
  switch (code) {
    case 'data/unbalanced-quotes':
      if (closedOnLine === undefined) return 'opens here; no closing mark follows';
      return `opens here; text follows its closing mark on line ${closedOnLine.toLocaleString('en')}`;
    case 'data/nul-byte':
      return 'holds a NUL byte, here underlined';
    case 'data/not-utf8':
      return 'holds bytes that are not UTF-8, the first of them underlined';
    case 'data/record-too-long':
      return insideQuotes === true ? 'this record begins here and a quotation mark in it stays open' : 'this record begins here';
    case 'data/unknown-label':
      return 'no row for training has this label';
    default:
      return null;
  }
}
