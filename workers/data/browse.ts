import type { BrowsedRow, BrowseQuery } from '../api/browse';
import { csvCell } from '../api/csvCell';
import type { SplitName } from '../api/dataset';
import { splitNames } from '../api/splitNames';
import { TimeSlice } from '../tokenizer/timeSlice';
import type { Dataset } from './dataset';

/** A text of a split, by its place there. */
export interface FoundRow {
  split: SplitName;
  index: number;
}

/** Places of the rows that match, in their order. */
export interface FoundRows {
  length: number;
  at(place: number): FoundRow;
}

const shownCharacters = 400;
/** Before a word that is found, so that it can be seen in a long text. */
const shownBefore = 60;
export const shownColumns = 1;

/**
 * The rows that match a query, in slices of time. `lengths`: tokens of each text of a split, where they are known; else characters
 * count. Throws the signal's reason when it is aborted.
 */
export async function findRows(
  dataset: Dataset,
  { search, label, split: only, order }: Omit<BrowseQuery, 'offset' | 'count'>,
  lengths: ((split: SplitName) => ArrayLike<number>) | null,
  signal: AbortSignal,
): Promise<FoundRows> {
  const slice = new TimeSlice();
  const wanted = search.trim().toLowerCase();
  const wantedClass = label === null ? -1 : dataset.labels.indexOf(label);
  const splits = splitNames.filter((split) => only === null || split === only);
  const found: { split: number; index: number; key: number }[] = [];
  for (const split of splits) {
    const texts = dataset.texts(split);
    const classes = dataset.classes(split);
    const known = order === 'file' ? null : lengths?.(split);
    const isGiven = split !== 'train' && dataset.opened.tables[split] !== undefined;
    for (let index = 0; index < texts.length; index += 1) {
      if (slice.isOver()) {
        await slice.giveWay();
        signal.throwIfAborted();
      }
      if (label !== null && classes[index] !== wantedClass) continue;
      const text = wanted !== '' || (order !== 'file' && !known) ? texts.at(index) : '';
      if (wanted !== '' && !text.toLowerCase().includes(wanted)) continue;
      const length = known?.[index] ?? text.length;
      // Rows of the training file first, then those of given files.
      const place = dataset.rowNumber(split, index) + (isGiven ? splitNames.indexOf(split) * 2 ** 32 : 0);
      found.push({
        split: splitNames.indexOf(split),
        index,
        key: order === 'file' ? place : order === 'longest' ? -length : length,
      });
    }
  }
  found.sort((a, b) => a.key - b.key || a.split - b.split || a.index - b.index);
  return { length: found.length, at: (place) => ({ split: splitNames[found[place]!.split]!, index: found[place]!.index }) };
}

/** What is shown of a row. */
export function showRow(
  dataset: Dataset,
  { split, index }: FoundRow,
  search: string,
  tokensOf: ((text: string) => number) | null,
): BrowsedRow {
  const text = dataset.texts(split).at(index);
  return {
    split,
    row: dataset.rowNumber(split, index),
    text: excerptAround(text, search.trim()),
    label: dataset.labels[dataset.classes(split)[index]!] ?? null,
    others: dataset
      .otherColumns(split)
      .slice(0, shownColumns)
      .map((column) => dataset.cellOf(split, index, column)),
    tokens: tokensOf && tokensOf(text),
  };
}

/** All rows found, as CSV that a spreadsheet can open without harm: split, row, label, text. */
export function foundRowsAsCsv(dataset: Dataset, found: FoundRows): string {
  const lines = ['split,row,label,text\r\n'];
  for (let place = 0; place < found.length; place += 1) {
    const { split, index } = found.at(place);
    const label = dataset.labels[dataset.classes(split)[index]!] ?? '';
    const fields = [split, String(dataset.rowNumber(split, index)), label, dataset.texts(split).at(index)];
    lines.push(`${fields.map(csvCell).join(',')}\r\n`);
  }
  return lines.join('');
}

function excerptAround(text: string, search: string): string {
  if (text.length <= shownCharacters) return text;
  const at = search === '' ? 0 : Math.max(0, text.toLowerCase().indexOf(search.toLowerCase()));
  const from = at < shownCharacters - shownBefore ? 0 : at - shownBefore;
  const shown = text.slice(from, from + shownCharacters);
  return `${from > 0 ? '…' : ''}${shown}${from + shownCharacters < text.length ? '…' : ''}`;
}
