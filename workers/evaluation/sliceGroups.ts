import { defaultBands, mostBandWords, type SliceGroup, type WordBands } from '../api/slices';
import { TuneletError } from '../api/errors';

/** A value that rows are grouped by; see `Slice`. */
export interface GroupName {
  value: string;
  range: string | null;
}

/** Rows by group; `groupOf[row]` is an index in `names`. */
export interface Grouping {
  division: SliceGroup['division'];
  names: GroupName[];
  groupOf: Uint8Array;
}

/** Of a column's values, as many stand by themselves; the rest are "(others)". */
export const mostValues = 12;
/** Longer values are cut for show. */
const valueCharacters = 80;
const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Words are what white space separates. */
export function wordCount(text: string): number {
  let count = 0;
  let inside = false;
  for (let index = 0; index < text.length; index += 1) {
    const isSpace = isWhiteSpace(text.charCodeAt(index));
    if (!isSpace && !inside) count += 1;
    inside = !isSpace;
  }
  return count;
}

/** As `\s` of a regular expression. */
function isWhiteSpace(unit: number): boolean {
  if (unit <= 32) return unit === 32 || (unit >= 9 && unit <= 13);
  if (unit < 160) return false;
  const isRare = unit === 0x1680 || unit === 0x202f || unit === 0x205f || unit === 0x3000 || unit === 0xfeff;
  return isRare || unit === 160 || (unit >= 0x2000 && unit <= 0x200a) || unit === 0x2028 || unit === 0x2029;
}

/**
 * By length. Bands that were asked for stay even where they are empty; the default ones give way to quartiles where one would be.
 * Throws data/bad-slice for bands that are no whole numbers from 1, or out of order.
 */
export function groupByLength(words: Int32Array, wanted: WordBands | null): Grouping {
  const bands = checkedBands(wanted ?? defaultBands);
  const { shortBelow, longAbove } = bands;
  const groupOf = Uint8Array.from(words, (count) => (count < shortBelow ? 0 : count <= longAbove ? 1 : 2));
  if (wanted === null && [0, 1, 2].some((band) => !groupOf.includes(band))) {
    return groupByQuartiles(Float64Array.from(words), (low, high) => `${rangeWords(low, high)} ${high === 1 ? 'word' : 'words'}`);
  }
  const medium = shortBelow === longAbove ? format(shortBelow) : `${format(shortBelow)} to ${format(longAbove)}`;
  return {
    division: 'bands',
    names: [
      { value: 'short', range: `under ${format(shortBelow)} words` },
      { value: 'medium', range: `${medium} words` },
      { value: 'long', range: `over ${format(longAbove)} words` },
    ],
    groupOf,
  };
}

function checkedBands(bands: WordBands): WordBands {
  const { shortBelow, longAbove } = bands;
  const fit = [shortBelow, longAbove].every((words) => Number.isInteger(words) && words >= 1 && words <= mostBandWords);
  if (fit && shortBelow <= longAbove) return bands;
  throw new TuneletError(
    'data/bad-slice',
    `Texts were to be split at ${shortBelow} and ${longAbove} words. Both must be whole numbers from 1 to ${format(mostBandWords)}, the second not below the first.`,
    `Try ${defaultBands.shortBelow} and ${defaultBands.longAbove}.`,
    { shortBelow, longAbove },
  );
}

/**
 * By a column. Null where it tells nothing: one value alone, no value twice, or a number that counts the rows. Numbers of more than twelve
 * values go by quartiles; of other values the twelve most frequent stand by themselves, the most frequent first.
 */
export function groupByColumn(column: readonly string[]): Grouping | null {
  const counts = new Map<string, number>();
  const filled: string[] = [];
  for (const cell of column) {
    const value = cell.trim();
    if (value === '') continue;
    filled.push(value);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const hasEmpty = filled.length < column.length;
  if (counts.size + (hasEmpty ? 1 : 0) < 2 || counts.size === 0) return null;
  if ([...counts.keys()].every(isNumber)) {
    if (counts.size > mostValues) return countsRows(filled) ? null : groupNumbers(column);
    if (counts.size === filled.length && filled.length > 2) return countsRows(filled) ? null : groupValues(column, counts);
  } else if (counts.size === filled.length && filled.length > 2) return null;
  return groupValues(column, counts);
}

function isNumber(value: string): boolean {
  return number.test(value) && Number.isFinite(Number(value));
}

/** True for whole numbers that only ever rise: an identity of the row, not a property of the text. */
function countsRows(values: readonly string[]): boolean {
  return values.every((value, index) => {
    const before = values[index - 1];
    return Number.isInteger(Number(value)) && (before === undefined || Number(before) < Number(value));
  });
}

function groupValues(column: readonly string[], counts: ReadonlyMap<string, number>): Grouping {
  const numeric = [...counts.keys()].every(isNumber);
  const byCount = [...counts].sort(([, first], [, second]) => second - first).map(([value]) => value);
  const shown = byCount.slice(0, mostValues);
  if (numeric) shown.sort((first, second) => Number(first) - Number(second));
  const names: GroupName[] = shown.map((value) => ({
    value: shortened(value),
    range: value.length > valueCharacters ? value.slice(0, 1000) : null,
  }));
  const indexOf = new Map(shown.map((value, index) => [value, index]));
  const rest = byCount.length - shown.length;
  if (rest > 0) names.push({ value: '(others)', range: `${format(rest)} more ${rest === 1 ? 'value' : 'values'}` });
  const others = names.length - 1;
  return withEmpty(column, names, null, (value) => indexOf.get(value) ?? others);
}

/** Two long values may look alike once cut, so the cut ones say how long they are. */
function shortened(value: string): string {
  return value.length > valueCharacters ? `${value.slice(0, valueCharacters)}… (${format(value.length)} characters)` : value;
}

function groupNumbers(column: readonly string[]): Grouping {
  const numbers = column
    .map((cell) => cell.trim())
    .filter((value) => value !== '')
    .map(Number);
  const quartiles = groupByQuartiles(Float64Array.from(numbers), rangeWords);
  let next = 0;
  return withEmpty(column, quartiles.names, 'quartiles', () => quartiles.groupOf[next++]!);
}

function withEmpty(
  column: readonly string[],
  names: GroupName[],
  division: Grouping['division'],
  indexOf: (value: string) => number,
): Grouping {
  const all = column.some((cell) => cell.trim() === '') ? [...names, { value: '(empty)', range: null }] : names;
  const groupOf = Uint8Array.from(column, (cell) => {
    const value = cell.trim();
    return value === '' ? names.length : indexOf(value);
  });
  return { division, names: all, groupOf };
}

/** Four groups of about as many rows; rows of one value are never parted, so there may be fewer. */
export function groupByQuartiles(values: Float64Array, words: (low: number, high: number) => string): Grouping {
  const sorted = values.toSorted();
  const cuts = [1, 2, 3].map((quarter) => sorted[Math.ceil((sorted.length * quarter) / 4) - 1]!);
  const quartileOf = (value: number): number => cuts.filter((cut) => value > cut).length;
  const bounds = Array.from({ length: 4 }, () => ({ low: Infinity, high: -Infinity }));
  for (const value of sorted) {
    const bound = bounds[quartileOf(value)]!;
    bound.low = Math.min(bound.low, value);
    bound.high = Math.max(bound.high, value);
  }
  const kept = [0, 1, 2, 3].filter((quartile) => bounds[quartile]!.low !== Infinity);
  return {
    division: 'quartiles',
    names: kept.map((quartile) => {
      const { low, high } = bounds[quartile]!;
      return { value: `quartile ${quartile + 1}`, range: words(low, high) };
    }),
    groupOf: Uint8Array.from(values, (value) => kept.indexOf(quartileOf(value))),
  };
}

function rangeWords(low: number, high: number): string {
  return low === high ? format(low) : `${format(low)} to ${format(high)}`;
}

/** Small numbers, years among them, as they are. */
function format(value: number): string {
  return Math.abs(value) < 10_000 ? String(value) : value.toLocaleString('en');
}
