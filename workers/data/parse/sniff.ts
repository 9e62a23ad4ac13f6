/** In the order in which a tie is decided. */
const usual = [',', ';', '\t', '|'];
const names = new Map([
  [',', 'comma'],
  [';', 'semicolon'],
  ['\t', 'tab'],
  ['|', 'bar'],
  ['\u0001', 'control character 1'],
]);

const RECORDS_LOOKED_AT = 50;
/** An unusual delimiter must divide nearly every record alike; letters, digits, quotes and white space divide nothing. */
const UNUSUAL_AGREEMENT = 0.9;
const NEVER_A_DELIMITER = /[\p{L}\p{N}\p{M}"'_.()[\]{}<>\r\n \u00a0\ufeff-]/u;
/** Where every usual delimiter divides fewer records alike, another is looked for. */
const USUAL_AGREEMENT = 0.5;

export interface Sniffed {
  delimiter: string;
  /** The share of the first records that it divides into as many fields as the header. */
  agreement: number;
  /** Columns of the header. */
  columns: number;
  records: number;
}

/**
 * The delimiter that the header has and most of the first records repeat as often; usual ones before all others. A comma where the
 * header has none: a file of one column. `sample` is the start of the text and may end anywhere.
 */
export function sniffDelimiter(sample: string): Sniffed {
  const found = best(sample, usual);
  if (found.columns > 1 && found.agreement >= USUAL_AGREEMENT) return found;
  const header = /^[^\r\n]*/.exec(sample.slice(0, 4096))?.[0] ?? '';
  const others = [...new Set(header)].filter((character) => character.length === 1 && !NEVER_A_DELIMITER.test(character));
  const unusual = best(
    sample,
    others.filter((character) => !usual.includes(character)),
  );
  return unusual.columns > 1 && unusual.records > 1 && unusual.agreement >= UNUSUAL_AGREEMENT ? unusual : found;
}

/** "comma", or the character itself. */
export function delimiterName(delimiter: string): string {
  return names.get(delimiter) ?? `“${delimiter}”`;
}

function best(sample: string, delimiters: readonly string[]): Sniffed {
  const records = countsByRecord(sample, delimiters);
  const [header = []] = records;
  let found: Sniffed = { delimiter: ',', agreement: 0, columns: 1, records: records.length };
  let bestScore = 0;
  delimiters.forEach((delimiter, place) => {
    const expected = header[place] ?? 0;
    if (expected === 0) return;
    const agreement = records.filter((record) => record[place] === expected).length / records.length;
    // Agreement decides; the count of columns only breaks ties.
    const score = agreement + expected * 1e-6;
    if (score <= bestScore) return;
    found = { delimiter, agreement, columns: expected + 1, records: records.length };
    bestScore = score;
  });
  return found;
}

/** For each of the first records, how often each delimiter stands outside quotation marks. */
function countsByRecord(sample: string, delimiters: readonly string[]): number[][] {
  const places = new Map(delimiters.map((delimiter, place) => [delimiter, place]));
  const records: number[][] = [];
  let counts = delimiters.map(() => 0);
  let quoted = false;
  let blank = true;
  for (const character of sample) {
    if (character === '"') quoted = !quoted;
    if ((character === '\n' || character === '\r') && (!quoted || records.length === 0)) {
      if (!blank) records.push(counts);
      if (records.length === RECORDS_LOOKED_AT) return records;
      counts = delimiters.map(() => 0);
      blank = true;
      quoted = false;
      continue;
    }
    blank = false;
    const place = quoted ? undefined : places.get(character);
    if (place !== undefined) counts[place]! += 1;
  }
  // What follows the last line end is whole only where it is the header itself.
  return records.length === 0 && !blank ? [counts] : records;
}
