import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRecords } from './csv';
import { RecordCutter } from './recordCutter';

const dialect = { delimiter: ',', quoting: true };

function cutAll(text: string, pieceLength: number): string[] {
  const cutter = new RecordCutter(dialect, 'file.csv');
  const blocks: string[] = [];
  for (let start = 0; start < text.length; start += pieceLength) blocks.push(cutter.push(text.slice(start, start + pieceLength)));
  return [...blocks, cutter.finish()];
}

describe('RecordCutter', () => {
  it('hands out whole records only, ended by one LF', () => {
    expect(cutAll('a,b\r\n"c\r\nd",e\rf,g', 3)).toEqual(['', 'a,b\n', '', '', '"c\r\nd",e\n', '', 'f,g\n']);
  });

  it('gives the same records however the text is cut (property)', () => {
    const part = fc.constantFrom('a', 'é', '😀', ',', '\n', '\r', '\r\n', '"x"', '"y""z"', '"\r\n,"', ' ', 'b"c', '"d" ');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (parts, pieceLength) => {
        const text = parts.join('');
        const whole = outcome(() => cutAll(text, Math.max(1, text.length)).join(''));
        expect(outcome(() => cutAll(text, pieceLength).join(''))).toEqual(whole);
        // What passes the cutter passes the parser, record for record.
        if (typeof whole === 'string') expect(parseRecords(whole, dialect)).toEqual(plainlyParsed(whole));
      }),
      { numRuns: 2000 },
    );
  });
});

function outcome(run: () => string): string | { code: unknown; details: unknown } {
  try {
    return run();
  } catch (thrown) {
    const { code, details } = thrown as { code: unknown; details: unknown };
    expect(code).toBe('data/unbalanced-quotes');
    return { code, details };
  }
}

/** A second, slower reading of the same rules, character by character. */
function plainlyParsed(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let index = 0;
  while (index < text.length) {
    let field = '';
    if (text[index] === '"') {
      index += 1;
      while (text[index] !== '"' || text[index + 1] === '"') {
        field += text[index];
        index += text[index] === '"' ? 2 : 1;
      }
      index += 1;
      while (text[index] === ' ') index += 1;
    } else while (text[index] !== ',' && text[index] !== '\n') field += text[index++];
    row.push(field);
    if (text[index] === '\n') {
      rows.push(row);
      row = [];
    }
    index += 1;
    if (text[index - 1] === ',' && text[index] === undefined) row.push('');
  }
  return rows;
}
