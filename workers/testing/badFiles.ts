const good = (index: number): string => `a plain sentence about item ${index} , written for a test`;
const labelOf = (index: number): string => (index % 2 === 0 ? 'pos' : 'neg');

function csv(rows: string[], header = 'text,label'): Uint8Array<ArrayBuffer> {
  return utf8([header, ...rows].join('\n') + '\n');
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function sixtyRows(row: (index: number) => string = (index) => `"${good(index)}",${labelOf(index)}`): string[] {
  return Array.from({ length: 60 }, (_, index) => row(index));
}

function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Broken, odd and hostile datasets by name: bytes of CSV files, each with one thing wrong. Line numbers count the header as line 1. */
export const badFiles = {
  empty: new Uint8Array(),
  headerOnly: csv([]),
  oneClassOnly: csv(sixtyRows((index) => `"${good(index)}",pos`)),
  /** The second column is a number with many distinct values. */
  missingLabelColumn: csv(
    sixtyRows((index) => `"${good(index)}",${100 + index}`),
    'text,length',
  ),
  /** Line 22 opens a quotation mark that is never closed; 20 good rows stand before it. */
  unbalancedQuotes: csv(sixtyRows((index) => `${index === 20 ? '"' : ''}sentence ${index},${labelOf(index)}`)),
  /** A NUL in lines 7, 27 and 47. */
  nulBytes: csv(sixtyRows((index) => `sentence${index % 20 === 5 ? '\0' : ''} ${index},${labelOf(index)}`)),
  /** First undecodable byte on line 42. */
  latin1Bytes: latin1(
    `text,label\n${sixtyRows((index) => `${index < 40 ? 'cafe' : 'café'} ${index},${labelOf(index)}`).join('\n')}\n`,
  ),
  oneMebibyteCell: csv(sixtyRows((index) => `${index === 30 ? 'x'.repeat(2 ** 20) : `sentence ${index}`},${labelOf(index)}`)),
  labels500Distinct: csv(
    Array.from({ length: 1000 }, (_, index) => `sentence ${index},label_${String(index % 500).padStart(3, '0')}`),
  ),
  /** LF, CR LF and CR in turn. */
  mixedLineEndings: utf8(
    `text,label\n${sixtyRows((index) => `sentence ${index},${labelOf(index)}${['\n', '\r\n', '\r'][index % 3]}`).join('')}`,
  ),
  formulaInjection: csv([
    '=1+1,pos',
    '"=HYPERLINK(""http://example.invalid"",""x"")",neg',
    '@SUM(1),=1+1',
    '\t=1+1,@neg',
    ...sixtyRows(),
  ]),
  htmlScript: csv([
    '<script>alert(1)</script>,<b>pos</b>',
    '"""><svg onload=alert(1)>",<b>pos</b>',
    'one<br />two &amp; {{three}} a < b,neg',
    ...sixtyRows(),
  ]),
  duplicateHeaders: csv(
    sixtyRows((index) => `first ${index},${labelOf(index)},"the second and longer text ${index}"`),
    'text,label,text',
  ),
  labelGaps: csv(Array.from({ length: 90 }, (_, index) => `sentence ${index},${[7, 0, 2][index % 3]}`)),
  labelCaseVariants: csv(
    Array.from(
      { length: 100 },
      (_, index) =>
        `sentence ${index},${['pos', 'Pos', 'POS', ' pos', 'pos ', 'neg', 'Neg', 'NEG', ' neg', 'neg\u00a0'][index % 10]}`,
    ),
  ),
} satisfies Record<string, Uint8Array<ArrayBuffer>>;

export type BadFileName = keyof typeof badFiles;

/** As a `File`, as the page hands one over. */
export function badFile(name: BadFileName): File {
  return new File([badFiles[name]], `${name}.csv`, { type: 'text/csv' });
}
