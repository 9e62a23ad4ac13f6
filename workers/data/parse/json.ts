import { type ReadOptions, decodeText } from '../decode';
import { ColumnBuilder } from '../column';
import { linesOf } from '../lines';
import type { ByteSource } from '../source/byteSource';
import { TimeSlice } from '../../tokenizer/timeSlice';
import type { RowSink } from '../rowSink';
import { limits } from '../limits';
import { badJson, JsonCutter } from './jsonCutter';
import { jsonRow, jsonScalar } from './jsonRow';

/** One object a line; a line that is none is left out and counted. Throws data/bad-json where no line is one. */
export async function readJsonLines(source: ByteSource, builder: RowSink, options: ReadOptions): Promise<void> {
  const rowsBefore = builder.keptRows;
  for await (const { lines, loadedBytes } of linesOf(source, options)) {
    for (const line of lines) if (line.trim() !== '') addObject(builder, line);
    options.onProgress?.({ file: source.name, loadedBytes, totalBytes: source.sizeBytes, rows: builder.rowCount });
  }
  if (builder.keptRows === rowsBefore && builder.rowCount > 0)
    throw badJson(source.name, 1, 'and everywhere else there is no object');
}

/** A list of objects at any path, or an object of lists. Throws data/bad-json and data/record-too-long. */
export async function readJson(source: ByteSource, builder: RowSink, options: ReadOptions): Promise<void> {
  const columns = new JsonColumns(source.name);
  let rowsPath: string | null = null;
  const others = new Set<string>();
  const cutter = new JsonCutter(source.name, {
    list: (path) => {
      rowsPath ??= path;
      if (rowsPath === path) return true;
      others.add(path);
      return false;
    },
    row: (text) => addObject(builder, text),
    cell: (column, text, line) => columns.push(column, text, line),
  });
  const slice = new TimeSlice();
  for await (const { text, loadedBytes } of decodeText(source, options.signal)) {
    cutter.push(text);
    options.onProgress?.({
      file: source.name,
      loadedBytes,
      totalBytes: source.sizeBytes,
      rows: builder.rowCount || columns.rows,
    });
    if (slice.isOver()) await slice.giveWay();
  }
  cutter.finish();
  if (rowsPath === null) await columns.addTo(builder, slice);
  if (others.size > 0) {
    const message = `Rows are those under “${rowsPath}”; the lists under ${[...others].slice(0, 3).join(', ')} are not read.`;
    builder.warnings.push({ code: 'other-lists', message });
  }
}

function addObject(builder: RowSink, text: string): void {
  const row = jsonRow(text);
  if (typeof row === 'string') builder.skip(row, text);
  else builder.addNamed(row, text);
}

/** Columns that come whole, one after another. */
class JsonColumns {
  readonly #file: string;
  readonly #builders = new Map<string, ColumnBuilder>();

  constructor(file: string) {
    this.#file = file;
  }

  get rows(): number {
    let rows = 0;
    for (const { length } of this.#builders.values()) rows = Math.max(rows, length);
    return rows;
  }

  push(column: string, text: string, line: number): void {
    let builder = this.#builders.get(column);
    if (builder === undefined) {
      if (this.#builders.size === limits.columns) throw badJson(this.#file, line, `there are more than ${limits.columns} lists`);
      builder = new ColumnBuilder();
      this.#builders.set(column, builder);
    }
    const value = jsonScalar(text);
    if (value === null) throw badJson(this.#file, line, `a value of “${column}” is no text, number or truth value`);
    builder.push(value);
    if (builder.length > limits.rows) throw badJson(this.#file, line, `“${column}” has more than ${limits.rows} values`);
  }

  async addTo(builder: RowSink, slice: TimeSlice): Promise<void> {
    const { rows } = this;
    const columns = [...this.#builders].map(([name, values]) => ({ name, values: values.finish() }));
    const uneven = columns.find(({ values }) => values.length !== rows);
    if (uneven) {
      throw badJson(this.#file, 1, `the list “${uneven.name}” has ${uneven.values.length} values, another has ${rows}`);
    }
    for (let row = 0; row < rows; row += 1) {
      builder.addNamed(new Map(columns.map(({ name, values }) => [name, values.at(row)])));
      if (slice.isOver()) await slice.giveWay();
    }
  }
}
