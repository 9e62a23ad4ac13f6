/** In the order in which a tie is decided. */
const delimiters = [',', ';', '\t', '|'] as const;

export type Delimiter = (typeof delimiters)[number];

const RECORDS_LOOKED_AT = 50;

/**
 * The delimiter that the header has and most of the first records repeat as often. A comma where the header has none of them: a file of
 * one column. `sample` is the start of the text and may end anywhere.
 */
export function sniffDelimiter(sample: string): Delimiter {
  const records = countsByRecord(sample);
  const header = records[0] ?? [0, 0, 0, 0];
  let best: Delimiter = ',';
  let bestScore = 0;
  delimiters.forEach((delimiter, column) => {
    const expected = header[column] ?? 0;
    if (expected === 0) return;
    const agreeing = records.filter((record) => record[column] === expected).length;
    // Agreement decides; the count of columns only breaks ties.
    const score = agreeing / records.length + expected * 1e-6;
    if (score > bestScore) {
      best = delimiter;
      bestScore = score;
    }
  });
  return best;
}

/** For each of the first records, how often each delimiter stands outside quotation marks. */
function countsByRecord(sample: string): number[][] {
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
    const column = quoted ? -1 : delimiters.findIndex((delimiter) => delimiter === character);
    if (column >= 0) counts[column] = (counts[column] ?? 0) + 1;
  }
  // What follows the last line end is whole only where it is the header itself.
  return records.length === 0 && !blank ? [counts] : records;
}
