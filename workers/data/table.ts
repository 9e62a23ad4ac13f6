/** A file's rows, column by column; a text is held once. */
export interface Table {
  name: string;
  sizeBytes: number;
  /** "comma", "semicolon", "tab" or "bar". */
  delimiter: string;
  columns: string[];
  /** `values[column][i]`, all columns equally long. */
  values: string[][];
  /** Data rows counted from 1, of each kept row. */
  rowNumbers: number[];
  /** Data rows read, those left out included. */
  rowCount: number;
  tooFewFields: number;
  tooManyFields: number;
}

/** Gathers parsed records into columns; the first record is the header. */
export class TableBuilder {
  #columns: string[] | null = null;
  #values: string[][] = [];
  #rowNumbers: number[] = [];
  #rowCount = 0;
  #tooFewFields = 0;
  #tooManyFields = 0;

  get rowCount(): number {
    return this.#rowCount;
  }

  add(records: string[][]): void {
    for (const record of records) {
      // A blank line is no row.
      if (record.length === 1 && record[0] === '') continue;
      if (this.#columns === null) {
        this.#columns = distinctNames(record);
        this.#values = record.map(() => []);
      } else this.#addRow(record, this.#columns.length);
    }
  }

  /** Null when not even a header came. */
  finish(file: { name: string; size: number }, delimiter: string): Table | null {
    if (this.#columns === null) return null;
    return {
      name: file.name,
      sizeBytes: file.size,
      delimiter,
      columns: this.#columns,
      values: this.#values,
      rowNumbers: this.#rowNumbers,
      rowCount: this.#rowCount,
      tooFewFields: this.#tooFewFields,
      tooManyFields: this.#tooManyFields,
    };
  }

  #addRow(record: string[], width: number): void {
    this.#rowCount += 1;
    if (record.length < width) this.#tooFewFields += 1;
    else if (record.length > width) this.#tooManyFields += 1;
    else {
      for (let column = 0; column < width; column += 1) this.#values[column]!.push(record[column]!);
      this.#rowNumbers.push(this.#rowCount);
    }
  }
}

/** Header names without white space around them; a name that is taken becomes "text (2)", an empty one "column 3". */
function distinctNames(header: string[]): string[] {
  const taken = new Set<string>();
  return header.map((field, index) => {
    const name = field.trim() || `column ${index + 1}`;
    let distinct = name;
    for (let copy = 2; taken.has(distinct); copy += 1) distinct = `${name} (${copy})`;
    taken.add(distinct);
    return distinct;
  });
}
