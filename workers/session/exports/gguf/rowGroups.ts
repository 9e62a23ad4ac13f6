/** Rows of one tensor as they come, handed on in whole groups of so many. */
export class RowGroups {
  readonly #group: number;
  readonly #rowLength: number;
  #waiting = new Float32Array();
  #done = 0;

  constructor(rowsOfGroup: number, rowLength: number) {
    this.#group = rowsOfGroup;
    this.#rowLength = rowLength;
  }

  /** The groups that are whole with these rows, which follow the last; null where none is yet. */
  take(rows: Float32Array): { rowOffset: number; values: Float32Array } | null {
    const whole = this.#group * this.#rowLength;
    let values = rows;
    if (this.#waiting.length > 0) {
      values = new Float32Array(this.#waiting.length + rows.length);
      values.set(this.#waiting);
      values.set(rows, this.#waiting.length);
    }
    const count = Math.floor(values.length / whole) * whole;
    this.#waiting = values.slice(count);
    if (count === 0) return null;
    const rowOffset = this.#done;
    this.#done += count / this.#rowLength;
    return { rowOffset, values: values.subarray(0, count) };
  }
}
