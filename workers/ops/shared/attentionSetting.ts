import type { Node, Value } from '../../engine/graph';
import { ShapeError, type Counts } from '../../engine/shape';
import type { AttentionAttributes } from '../attributes';
import { bind, extents, operand, rowsOf } from './operands';

/** A query or key row is kept in registers, in fours. */
const largestHead = 256;

/** The values that the two kinds of attention name alike; `q` is null where queries, keys and values are one matrix. */
export interface AttentionValues {
  q: Value | null;
  kv: Value;
  /** Row ranges and, for pooled queries, their last keys. */
  offsets: Value;
  segments: Value;
  pooledRows: Value | null;
}

/** How an attention is split into heads. */
export interface AttentionSetting {
  columns: number;
  headSize: number;
  heads: number;
  scale: number;
  /** A head's size divides by four. */
  vec4: boolean;
}

export function attentionValues(node: Node, first: number): AttentionValues {
  return {
    q: null,
    kv: operand(node, first),
    offsets: operand(node, first + 1),
    segments: operand(node, first + 2),
    pooledRows: null,
  };
}

export function pooledAttentionValues(node: Node, first: number): AttentionValues {
  return {
    q: operand(node, first),
    kv: operand(node, first + 1),
    offsets: operand(node, first + 2),
    segments: operand(node, first + 3),
    pooledRows: operand(node, first + 4),
  };
}

/** Throws a ShapeError where heads are too large for the kernels than the kernels take. */
export function attentionSetting(output: Value, { heads, scale }: AttentionAttributes): AttentionSetting {
  const [, columns] = extents(output);
  const headSize = columns / heads;
  if (headSize > largestHead) {
    throw new ShapeError(
      `Attention has heads of ${headSize} numbers (${columns} columns in ${heads} heads); its kernels take up to ${largestHead}. Use more heads.`,
    );
  }
  return { columns, headSize, heads, scale, vec4: headSize % 4 === 0 };
}

/** What a kernel over query rows or key rows reads besides gradients. */
export function sources(
  { q, kv, offsets, segments, pooledRows }: AttentionValues,
  { vec4 }: AttentionSetting,
  over: 'queries' | 'keys',
) {
  const type = vec4 ? 'vec4' : 'scalar';
  if (!q || !pooledRows) return [bind('kv', kv, type), bind('offsets', offsets), bind('segments', segments)];
  const place = over === 'queries' ? bind('offsets', offsets) : bind('segments', segments);
  return [bind('q', q, type), bind('kv', kv, type), place, bind('pooledRows', pooledRows)];
}

export function uniformsOf(rowsLike: Value, { heads, headSize, columns, scale }: AttentionSetting) {
  return { integers: { rows: extents(rowsLike)[0], heads, headSize, columns }, floats: { scale } };
}

/** Query and key pairs, if all sequences of the batch are of one length. */
export function pairsOf(queries: Value, { q }: AttentionValues, counts: Counts): number {
  const perSequence = counts.tokens / Math.max(1, counts.sequences);
  return rowsOf(queries, counts) * (q ? perSequence : (perSequence + 1) / 2);
}
