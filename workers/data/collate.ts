import { targetTables, type TargetTables } from './targets';

/**
 * A batch whose sequences lie end to end, without padding. `tokens` is the count of all tokens, row i of every
 * `(tokens, …)` matrix belongs to token i.
 */
export interface PackedBatch extends TargetTables {
  tokens: number;
  sequences: number;
  /** `(tokens)` */
  inputIds: Int32Array;
  /** `(tokens)`, from 0 in each sequence. */
  positions: Int32Array;
  /** `(sequences + 1)`: sequence s is tokens `segmentOffsets[s]` to `segmentOffsets[s + 1]` - 1. */
  segmentOffsets: Int32Array;
  /** `(tokens)`: the sequence of each token. */
  rowSegments: Int32Array;
  /** `(targets)`: the row whose logits are the sequence's; one a sequence, in order. */
  pooledRows: Int32Array;
  /** `(targets)` */
  labels: Int32Array;
}

export interface TokenizedExample {
  /** Already cut to the longest length. */
  inputIds: ArrayLike<number>;
  label: number;
}

/**
 * Packs examples. A text of no tokens becomes one pad token, so that it has a row to classify. Pooled is the rightmost token
 * whose id is not the pad id, as transformers' sequence classification does; of nothing but pads the first.
 */
export function collate(examples: readonly TokenizedExample[], padTokenId: number): PackedBatch {
  const batch = allocate(
    examples.map(({ inputIds }) => Math.max(1, inputIds.length)),
    examples.map(({ label }) => label),
  );
  examples.forEach(({ inputIds }, sequence) => {
    const start = batch.segmentOffsets[sequence]!;
    let pooled = 0;
    for (let position = 0; position < Math.max(1, inputIds.length); position += 1) {
      const id = inputIds[position] ?? padTokenId;
      batch.inputIds[start + position] = id;
      batch.positions[start + position] = position;
      batch.rowSegments[start + position] = sequence;
      if (id !== padTokenId) pooled = position;
    }
    batch.pooledRows[sequence] = start + pooled;
  });
  return { ...batch, ...targetTables(batch.segmentOffsets, batch.pooledRows) };
}

/**
 * Packs padded rows `(sequences, columns)`, as Python libraries write them: tokens with mask 1 stay, at the position of their column.
 * Throws where a row's pooled token is masked out: as a query without being a key it has no place in a packed batch.
 */
export function collatePadded(
  inputIds: readonly ArrayLike<number>[],
  attentionMask: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  padTokenId: number,
): PackedBatch {
  const kept = attentionMask.map((mask) => Array.from(mask).flatMap((visible, column) => (visible === 1 ? [column] : [])));
  const batch = allocate(
    kept.map((columns) => columns.length),
    Array.from(labels),
  );
  kept.forEach((columns, sequence) => {
    const ids = inputIds[sequence]!;
    const start = batch.segmentOffsets[sequence]!;
    columns.forEach((column, index) => {
      batch.inputIds[start + index] = ids[column]!;
      batch.positions[start + index] = column;
      batch.rowSegments[start + index] = sequence;
    });
    const pooled = columns.indexOf(pooledColumn(ids, padTokenId));
    if (pooled < 0)
      throw new RangeError(`Row ${sequence}: its pooled token, column ${pooledColumn(ids, padTokenId)}, has attention mask 0.`);
    batch.pooledRows[sequence] = start + pooled;
  });
  return { ...batch, ...targetTables(batch.segmentOffsets, batch.pooledRows) };
}

/** The rightmost column whose id is not the pad id; 0 where there is none. The attention mask is not consulted. */
export function pooledColumn(ids: ArrayLike<number>, padTokenId: number): number {
  for (let column = ids.length - 1; column > 0; column -= 1) if (ids[column] !== padTokenId) return column;
  return 0;
}

function allocate(lengths: readonly number[], labels: readonly number[]): Omit<PackedBatch, keyof TargetTables> {
  const segmentOffsets = new Int32Array(lengths.length + 1);
  lengths.forEach((length, sequence) => {
    segmentOffsets[sequence + 1] = segmentOffsets[sequence]! + length;
  });
  const tokens = segmentOffsets[lengths.length]!;
  return {
    tokens,
    sequences: lengths.length,
    inputIds: new Int32Array(tokens),
    positions: new Int32Array(tokens),
    segmentOffsets,
    rowSegments: new Int32Array(tokens),
    pooledRows: new Int32Array(lengths.length),
    labels: Int32Array.from(labels),
  };
}
