/**
 * Rows of a query or key matrix in the order of transformers: a GGUF file of the llama architecture holds row s * d/2 + i of each head
 * of d rows at 2i + s (s = 0, 1). Rows are moved as bytes, so their type does not matter.
 * @param bytes a whole number of heads
 */
export function unpermuteRows(bytes: Uint8Array<ArrayBuffer>, rowBytes: number, headSize: number): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array(bytes.length);
  const half = headSize / 2;
  for (let head = 0; head * headSize * rowBytes < bytes.length; head++) {
    for (let row = 0; row < headSize; row++) {
      const from = head * headSize + 2 * (row % half) + Math.floor(row / half);
      rows.set(bytes.subarray(from * rowBytes, (from + 1) * rowBytes), (head * headSize + row) * rowBytes);
    }
  }
  return rows;
}

/** `(rows, columns)` to `(columns, rows)`. */
export function transposed<T extends Float32Array | Uint16Array>(values: T, rows: number, columns: number, into: T): T {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) into[column * rows + row] = values[row * columns + column]!;
  }
  return into;
}
