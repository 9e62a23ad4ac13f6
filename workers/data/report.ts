import type { DatasetReport } from '../api/dataset';
import { csvCell } from '../api/csvCell';
import { splitNames } from '../api/splitNames';
import type { Dataset } from './dataset';
import { fingerprint } from './fingerprint';
import { skipWords, type ListedRow } from './skipLog';

/** The dataset in figures, with a hash of its rows. */
export async function reportOn(dataset: Dataset): Promise<DatasetReport> {
  const { mapping, labels, split, skipped, warnings } = dataset.summary();
  return {
    rows: split.train + split.validation + split.test,
    columns: { text: mapping.text, label: mapping.label || null },
    labels: Object.fromEntries(labels.map(({ name, count }) => [name, count])),
    splits: split,
    skipped: skipped.map(({ reason, count, firstRow }) => ({ reason, count, firstRow })),
    warnings,
    hash: await fingerprintOf(dataset),
  };
}

const fingerprints = new WeakMap<Dataset, Promise<string>>();

/** The hash of a dataset's rows, computed once for each. */
export function fingerprintOf(dataset: Dataset): Promise<string> {
  const known = fingerprints.get(dataset) ?? fingerprint(rowsOf(dataset));
  fingerprints.set(dataset, known);
  return known;
}

function* rowsOf(dataset: Dataset): Generator<{ text: string; label: string }> {
  for (const split of splitNames) {
    const texts = dataset.texts(split);
    const classes = dataset.classes(split);
    for (let index = 0; index < texts.length; index += 1)
      yield { text: texts.at(index), label: dataset.labels[classes[index]!] ?? '' };
  }
}

/** The rows left out, as CSV: file, row, reason and the beginning of what stands there. Safe to open in a spreadsheet. */
export function skippedRowsAsCsv(dataset: Dataset): string {
  const files = new Map<string, ListedRow[]>();
  for (const { file, skips } of dataset.skipped) files.set(file, [...(files.get(file) ?? []), ...skips.listed]);
  const lines = [['file', 'row', 'reason', 'beginning']];
  for (const [file, listed] of files) {
    for (const { row, code, excerpt } of listed.toSorted((a, b) => a.row - b.row))
      lines.push([file, String(row), skipWords[code], excerpt]);
  }
  return lines.map((fields) => `${fields.map(csvCell).join(',')}\r\n`).join('');
}
