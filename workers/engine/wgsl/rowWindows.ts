import type { Value } from '../graph';
import { bytesPerNumber, heldAs } from '../weightStorage';

/** Rows `begin` up to, not including, `end` of a weight. */
export interface RowWindow {
  begin: number;
  end: number;
}

/**
 * The rows of a frozen weight as they lie in buffers that one binding spans: one window where the whole weight fits.
 * A vector is one row. Windows begin at whole words, and at whole groups of blocks. Throws where a single row does not fit.
 */
export function rowWindows(value: Value, maxBytes: number): RowWindow[] {
  const [rows, rowBytes] = rowsOfWeight(value);
  // Two float16 rows of odd length share a word, and two int8 rows with an odd number of blocks that of their scales.
  const unit = rowBytes % 4 === 0 ? 1 : 2;
  const perWindow = Math.floor(maxBytes / (rowBytes * unit)) * unit;
  if (perWindow === 0) throw new RangeError(`A row of ${value.label} takes ${rowBytes} bytes; a binding spans ${maxBytes}.`);
  return Array.from({ length: Math.max(1, Math.ceil(rows / perWindow)) }, (_, index) => ({
    begin: index * perWindow,
    end: Math.min(rows, (index + 1) * perWindow),
  }));
}

/** Rows, and the bytes of one as it is held. */
export function rowsOfWeight(value: Value): [number, number] {
  const sizes = value.shape.map(Number);
  const [rows, columns] = sizes.length === 1 ? [1, sizes[0]!] : [sizes[0]!, sizes[1]!];
  return [rows, columns * bytesPerNumber[heldAs(value)]];
}
