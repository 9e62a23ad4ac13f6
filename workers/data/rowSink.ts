import type { SkipReason } from '../api/dataset';

/** What a reader hands rows to as it finds them: a table in memory, or a file of rows. */
export interface RowSink {
  /** Data rows so far, those left out included. */
  readonly rowCount: number;
  readonly keptRows: number;
  readonly warnings: { code: string; message: string }[];
  /** Names of the columns. Throws data/missing-column where a further file of the same table has others, and data/too-many-columns. */
  header(names: readonly string[]): void;
  /** Fields in the order of the header; a row of another width is left out and counted. */
  addRow(fields: readonly string[]): void;
  /** As `addRow`, for values that come from no text: NULs and halves of characters can be among them. */
  addChecked(fields: readonly string[]): void;
  /** Values by column; a name not met before opens a column, and a column that is missing is empty. `json`: the object they were read from. */
  addNamed(row: ReadonlyMap<string, string>, json?: string): void;
  /** Counts a row that cannot be kept. */
  skip(code: SkipReason, excerpt: string): void;
  /** Throws data/too-large where rows of these fields, column by column, would be more than is held: before any of it is copied. */
  checkRoomFor(columns: readonly (readonly string[])[]): void;
}

/** What no text has. */
export function faultIn(values: Iterable<string>): { code: SkipReason; value: string } | null {
  for (const value of values) {
    if (value.includes('\0')) return { code: 'nul-character', value };
    if (!value.isWellFormed()) return { code: 'half-a-character', value };
  }
  return null;
}
