/**
 * Rows of a query or key matrix in the order of transformers: a GGUF file of the llama architecture holds row s * d/2 + i of each head
 * of d rows at 2i + s (s = 0, 1). Rows are moved as bytes, so their type does not matter.
 * @param bytes a whole number of heads
 */
export function unpermuteRows(bytes: Uint8Array<ArrayBuffer>, rowBytes: number, headSize: number): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array(bytes.length);
  for (let row = 0; row * rowBytes < bytes.length; row++) {
    const from = pairedRow(row, headSize);
    rows.set(bytes.subarray(from * rowBytes, (from + 1) * rowBytes), row * rowBytes);
  }
  return rows;
}

/** The other way: rows of transformers in the order of a GGUF file of the llama architecture. */
export function permuteRows(values: Float32Array, rowLength: number, headSize: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(values.length);
  for (let row = 0; row * rowLength < values.length; row++) {
    rows.set(values.subarray(row * rowLength, (row + 1) * rowLength), pairedRow(row, headSize) * rowLength);
  }
  return rows;
}

/** Where a GGUF file has this row of transformers. */
function pairedRow(row: number, headSize: number): number {
  const half = headSize / 2;
  const inHead = row % headSize;
  return row - inHead + 2 * (inHead % half) + Math.floor(inHead / half);
}

/** `(rows, columns)` to `(columns, rows)`. */
export function transposed<T extends Float32Array | Uint16Array>(values: T, rows: number, columns: number, into: T): T {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) into[column * rows + row] = values[row * columns + column]!;
  }
  return into;
}
