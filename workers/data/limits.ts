/** What one dataset may have; more is refused by name before memory is taken for it. */
export const limits = {
  /** One record (row) of any format, in characters or bytes of its text. */
  recordBytes: 8 * 1024 * 1024,
  columns: 1000,
  rows: 10_000_000,
  /** Texts held, with their offsets. */
  heldBytes: 1024 ** 3,
  /** Of all that is unpacked from one file. */
  inflatedBytes: 1024 ** 3,
  /** Unpacked over packed bytes, looked at beyond `ratioFreeBytes`; texts stay under 30. */
  inflationRatio: 250,
  ratioFreeBytes: 8 * 1024 * 1024,
  archiveEntries: 200_000,
  /** Objects and arrays within each other in JSON. */
  nesting: 64,
  /** Parquet: what describes the file, and one page or one column of a row group as unpacked. */
  footerBytes: 16 * 1024 * 1024,
  pageBytes: 256 * 1024 * 1024,
  chunkBytes: 512 * 1024 * 1024,
  /** A packed file that must be there whole before it can be read (Parquet in an archive). */
  wholeFileBytes: 256 * 1024 * 1024,
} as const;
