/** Threads that share a row, of the 64 of a workgroup: a power of two, fewer for narrow rows. */
export function lanesPerRow(columns: number): 4 | 16 | 64 {
  return columns >= 256 ? 64 : columns >= 64 ? 16 : 4;
}
