import type { LabellingProgress, UnlabelledFile, UnlabelledTable } from '../../api/labelling';
import { guessColumns } from '../../data/guessColumns';
import { readFileRows } from '../../data/readFile';
import { arrivingFile, type Job } from '../../prediction/job';
import { RowFileWriter } from '../../prediction/rowFile';
import type { FileRoom } from '../../storage/fileRoom';
import { pacer } from '../pacer';
import { noRows } from './predictionErrors';

const shownRows = 8;
const shownCharacters = 2000;

interface Arriving extends UnlabelledFile {
  /** What the texts were called that models learned from, the likeliest first. */
  textColumns: readonly string[];
  signal: AbortSignal;
  tell: (progress: LabellingProgress) => void;
}

/**
 * Reads a table's rows into the room's `arrivingFile`, beside whatever else is there. Throws what reading a dataset throws, 'data/no-rows'
 * and the signal's reason, and leaves nothing then.
 */
export async function arrivingTable(room: FileRoom, arriving: Arriving): Promise<Job> {
  await room.remove(arrivingFile);
  const file = await room.append(arrivingFile);
  let isWhole = false;
  try {
    const job = await read(arriving, (name) => {
      file.clear();
      return new RowFileWriter(name, file);
    });
    isWhole = true;
    return job;
  } finally {
    file.close();
    if (!isWhole) await room.remove(arrivingFile);
  }
}

async function read(
  { file, choices, signal, tell, textColumns }: Arriving,
  begin: (name: string) => RowFileWriter,
): Promise<Job> {
  const isDue = pacer(100);
  const onProgress = (progress: { loadedBytes: number; totalBytes: number; rows: number }): void => {
    const share = progress.loadedBytes / progress.totalBytes;
    if (isDue()) tell({ phase: 'reading', done: progress.rows, total: null, share, rowsPerSecond: null, secondsLeft: null });
  };
  const { rows, format } = await readFileRows(file, { ...choices, signal, onProgress }, () => begin(file.name));
  if (rows.keptRows === 0) throw noRows(file.name, rows);
  rows.flush();
  const { form, keys, heading, taken, skipped } = rows;
  const table: UnlabelledTable = {
    name: file.name,
    format,
    columns: [...rows.columns],
    rowCount: rows.keptRows,
    skipped,
    warnings: rows.warnings.map(({ message }) => message),
    guess: guessOf(rows, textColumns),
    firstRows: firstRowsOf(rows),
    output: form === 'objects' ? 'jsonl' : 'csv',
  };
  return { version: 2, table, form, keys, heading: [...heading], taken, labelling: null };
}

function guessOf(rows: RowFileWriter, textColumns: readonly string[]): UnlabelledTable['guess'] {
  const learned = textColumns.find((column) => rows.columns.includes(column));
  if (learned !== undefined) return { column: learned, reason: 'Called as the texts that the model learned from.' };
  const sample = rows.sample.finish({ sizeBytes: 0, kind: 'delimited', format: '' });
  const guess = sample && guessColumns(sample).text;
  return guess ?? { column: rows.columns[0] ?? '', reason: 'The first column.' };
}

function firstRowsOf({ sample }: RowFileWriter): string[][] {
  const table = sample.finish({ sizeBytes: 0, kind: 'delimited', format: '' });
  if (!table) return [];
  const rows = Math.min(shownRows, table.rowNumbers.length);
  return Array.from({ length: rows }, (_, row) => table.values.map((column) => column.at(row).slice(0, shownCharacters)));
}
