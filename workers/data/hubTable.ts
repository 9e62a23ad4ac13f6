import type { HubDatasetChoice, HubFeature } from '../api/hubDataset';
import { className } from '../hub/datasetFeatures';
import type { HubDataset } from '../hub/hubDataset';
import { RowTaker } from '../hub/rowChoice';
import { ColumnBuilder, type Column } from './column';
import type { ReadOptions } from './decode';
import { limits } from './limits';
import { readTable } from './readTable';
import { blobSource } from './source/byteSource';
import type { Table } from './table';
import { TuneletError } from '../api/errors';

/**
 * The rows of one split that the choice takes, with the names of classes for their numbers. Its Parquet files must be downloaded.
 * Throws what `readTable` and `HubDataset.pages` throw.
 */
export async function readHubSplit(
  dataset: HubDataset,
  split: string,
  choice: Pick<HubDatasetChoice, 'rows' | 'choose'>,
  options: ReadOptions,
): Promise<Table> {
  const { id, features } = dataset.listing;
  const name = `${id}, ${split}`;
  if (dataset.wayOf(split, choice.rows) === 'pages') return readPages(dataset, split, choice, { ...options, name });
  const sources = [];
  for await (const { content } of dataset.files(split)) sources.push(blobSource(content, name));
  const whole = await readTable(sources, name, options);
  const sizeBytes = sources.reduce((sum, source) => sum + source.sizeBytes, 0);
  const named = withClassNames({ ...whole, sizeBytes }, features);
  return takeRows(named, new RowTaker(whole.rowNumbers.length, choice.rows, choice.choose));
}

async function readPages(
  dataset: HubDataset,
  split: string,
  choice: Pick<HubDatasetChoice, 'rows' | 'choose'>,
  { name, ...options }: ReadOptions & { name: string },
): Promise<Table> {
  const lines: string[] = [];
  let sizeBytes = 0;
  let cutRows = 0;
  for await (const page of dataset.pages(split, choice)) {
    const text = page.rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    sizeBytes += text.length;
    if (sizeBytes > limits.heldBytes) throw tooMuchText(name);
    lines.push(text);
    cutRows += page.cutRows;
  }
  const table = await readTable([blobSource(new Blob(lines), name)], name, options);
  const message = `${cutRows.toLocaleString('en')} rows have a text that the Hub cut short: it sends rows only up to a length.`;
  const warnings = cutRows === 0 ? table.warnings : [...table.warnings, { code: 'cut-cells', message }];
  return withClassNames({ ...table, format: 'rows of the Hub', warnings }, dataset.listing.features);
}

/** Numbers of classes become their names; -1, which says that there is no label, becomes empty. */
export function withClassNames(table: Table, features: readonly HubFeature[]): Table {
  const values = table.values.map((column, index) => {
    const names = features.find(({ name }) => name === table.columns[index])?.classNames;
    return names ? namedColumn(column, names) : column;
  });
  return { ...table, values };
}

function namedColumn(column: Column, names: readonly string[]): Column {
  const { coded } = column;
  if (coded) {
    const values = coded.values.map((value) => className(names, value));
    return {
      length: column.length,
      at: (row) => values[coded.codes[row]!]!,
      coded: { values, codes: coded.codes },
    };
  }
  return built(
    column,
    (row) => row < column.length,
    (value) => className(names, value),
  );
}

/** Only the rows that `taker` takes, which is asked for each in order; they keep their numbers. */
export function takeRows(table: Table, taker: RowTaker): Table {
  const isTaken = Uint8Array.from(table.rowNumbers, () => (taker.takes() ? 1 : 0));
  if (!isTaken.includes(0)) return table;
  const values = table.values.map((column) =>
    built(
      column,
      (row) => isTaken[row] === 1,
      (value) => value,
    ),
  );
  const rowNumbers = table.rowNumbers.filter((_, row) => isTaken[row] === 1);
  return { ...table, values, rowNumbers, rowCount: rowNumbers.length };
}

function built(column: Column, isTaken: (row: number) => boolean, write: (value: string) => string): Column {
  const builder = new ColumnBuilder();
  for (let row = 0; row < column.length; row += 1) if (isTaken(row)) builder.push(write(column.at(row)));
  return builder.finish();
}

function tooMuchText(name: string): TuneletError {
  return new TuneletError(
    'data/too-large',
    `Reading ${name}, its rows have more than 1 GB of text. A tab cannot hold more.`,
    'Take fewer rows.',
    { file: name },
  );
}
