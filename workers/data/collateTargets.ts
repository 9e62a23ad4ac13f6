import { targetTables, type TargetTables } from './targets';

/** Tokens of which those from `targetStart` on are predicted, each from all before it; the first token is never predicted. */
export interface TargetExample {
  ids: ArrayLike<number>;
  targetStart: number;
}

/** As `PackedBatch`, with as many targets as are predicted: row pooledRows[n] predicts labels[n]. */
export interface TargetBatch extends TargetTables {
  tokens: number;
  sequences: number;
  targets: number;
  inputIds: Int32Array;
  positions: Int32Array;
  segmentOffsets: Int32Array;
  rowSegments: Int32Array;
  /** `(targets)`, ascending. */
  pooledRows: Int32Array;
  /** `(targets)` */
  labels: Int32Array;
}

/** How many of an example's tokens are predicted. */
export function targetCount({ ids, targetStart }: TargetExample): number {
  return Math.max(0, ids.length - Math.max(1, targetStart));
}

/** Tokens that the model reads of an example: not its last, which predicts nothing. */
export function inputCount({ ids }: TargetExample): number {
  return Math.max(1, ids.length - 1);
}

/** Packs examples end to end. Throws a RangeError where one predicts nothing. */
export function collateTargets(examples: readonly TargetExample[]): TargetBatch {
  const lengths = examples.map(inputCount);
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const targets = examples.reduce((sum, example) => sum + targetCount(example), 0);
  const batch = {
    tokens,
    sequences: examples.length,
    targets,
    inputIds: new Int32Array(tokens),
    positions: new Int32Array(tokens),
    segmentOffsets: new Int32Array(examples.length + 1),
    rowSegments: new Int32Array(tokens),
    pooledRows: new Int32Array(targets),
    labels: new Int32Array(targets),
  };
  let target = 0;
  examples.forEach((example, sequence) => {
    if (targetCount(example) === 0) {
      throw new RangeError(`Example ${sequence} of ${example.ids.length} tokens predicts none of them.`);
    }
    const start = batch.segmentOffsets[sequence]!;
    const length = lengths[sequence]!;
    batch.segmentOffsets[sequence + 1] = start + length;
    for (let position = 0; position < length; position++) {
      batch.inputIds[start + position] = example.ids[position]!;
      batch.positions[start + position] = position;
      batch.rowSegments[start + position] = sequence;
      if (position + 1 < example.targetStart) continue;
      batch.pooledRows[target] = start + position;
      batch.labels[target] = example.ids[position + 1]!;
      target += 1;
    }
  });
  return { ...batch, ...targetTables(batch.segmentOffsets, batch.pooledRows) };
}
