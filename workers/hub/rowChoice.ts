import type { RowChoice } from '../api/hubDataset';
import { rowsOfPage } from './datasetServer';

/**
 * Decides row by row, in their order, which of a split are taken: the first `wanted`, or `wanted` at even distances.
 * @param total rows of the split; null where it is not known, and then the first ones are taken
 * @param wanted null: all
 */
export class RowTaker {
  readonly #wanted: number;
  readonly #total: number | null;
  #seen = 0;
  #taken = 0;

  constructor(total: number | null, wanted: number | null, choose: RowChoice) {
    this.#wanted = wanted ?? Infinity;
    this.#total = choose === 'spread' && total !== null && total > this.#wanted ? total : null;
  }

  /** Whether no further row will be taken. */
  get isDone(): boolean {
    return this.#taken >= this.#wanted;
  }

  /** For the next row. */
  takes(): boolean {
    const place = this.#seen;
    this.#seen += 1;
    if (this.isDone) return false;
    const share = this.#total === null ? null : this.#wanted / this.#total;
    const isTaken = share === null || Math.floor((place + 1) * share + 1e-9) > Math.floor(place * share + 1e-9);
    if (isTaken) this.#taken += 1;
    return isTaken;
  }
}

/** Where the pages lie that bring `wanted` rows: one after the other, or at even distances over the whole split. */
export function pagesOf(
  total: number | null,
  wanted: number | null,
  choose: RowChoice,
): Iterable<{ offset: number; length: number }> {
  const rows = Math.min(wanted ?? Infinity, total ?? Infinity);
  if (choose === 'first' || total === null || rows === total) return pagesInTurn(rows);
  const count = Math.ceil(rows / rowsOfPage);
  const left = total - rows;
  return Array.from({ length: count }, (_, page) => {
    const begin = page * rowsOfPage;
    // What is left out lies between the pages, in gaps that differ by one at most.
    const skipped = count === 1 ? 0 : Math.floor((page * left) / (count - 1));
    return { offset: begin + skipped, length: Math.min(rowsOfPage, rows - begin) };
  });
}

/** Without end where `rows` is infinite. */
function* pagesInTurn(rows: number): Generator<{ offset: number; length: number }> {
  for (let offset = 0; offset < rows; offset += rowsOfPage) yield { offset, length: Math.min(rowsOfPage, rows - offset) };
}
