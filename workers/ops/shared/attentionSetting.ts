import type { Node, Value } from '../../engine/graph';
import { ShapeError, type Counts } from '../../engine/shape';
import type { BindingSpec } from '../../engine/wgsl/buildKernel';
import type { AttentionAttributes } from '../attributes';
import { optionalInput } from './inputs';
import { bind, bindOptional, extents, operand, rowsOf } from './operands';

/** A query or key row is kept in registers, in fours. */
const largestHead = 256;

/** The values that the two kinds of attention name alike; `q` is null where queries, keys and values are one matrix. */
export interface AttentionValues {
  q: Value | null;
  kv: Value;
  /** Where a row's sequence begins, or a target's. */
  over: { offsets: Value; segments: Value } | { pooledRows: Value; starts: Value; targets: Value };
  branches: Value | null;
}

/** How an attention is split into heads. */
export interface AttentionSetting {
  columns: number;
  headSize: number;
  heads: number;
  /** Query heads that a head of keys serves. */
  sharing: number;
  /** Columns of the keys' heads. */
  keyColumns: number;
  window: number | null;
  scale: number;
  /** A head's size divides by four. */
  vec4: boolean;
}

/** The op's own inputs begin with input `first` of the node. */
export function attentionValues(node: Node, first: number): AttentionValues {
  return {
    q: null,
    kv: operand(node, first),
    over: { offsets: operand(node, first + 1), segments: operand(node, first + 2) },
    branches: optionalInput(node.inputs, first + 3),
  };
}

/** segmentOffsets are for the host alone. */
export function pooledAttentionValues(node: Node, first: number): AttentionValues {
  return {
    q: operand(node, first),
    kv: operand(node, first + 1),
    over: { pooledRows: operand(node, first + 3), starts: operand(node, first + 4), targets: operand(node, first + 5) },
    branches: optionalInput(node.inputs, first + 6),
  };
}

/** Throws a ShapeError where heads are too large for the kernels than the kernels take. */
export function attentionSetting(output: Value, { heads, kvHeads, window, scale }: AttentionAttributes): AttentionSetting {
  const [, columns] = extents(output);
  const headSize = columns / heads;
  if (headSize > largestHead) {
    throw new ShapeError(
      `Attention has heads of ${headSize} numbers (${columns} columns in ${heads} heads); its kernels take up to ${largestHead}. Use more heads.`,
    );
  }
  const sharing = heads / kvHeads;
  return { columns, headSize, heads, sharing, keyColumns: kvHeads * headSize, window, scale, vec4: headSize % 4 === 0 };
}

/** What a kernel over query rows or key rows reads besides gradients. */
export function sources(
  { q, kv, over, branches }: AttentionValues,
  { vec4 }: AttentionSetting,
  rows: 'queries' | 'keys',
): BindingSpec[] {
  const type = vec4 ? 'vec4' : 'scalar';
  const matrices = [...bindOptional('q', q, type), bind('kv', kv, type)];
  const hidden = bindOptional('branches', branches);
  if ('offsets' in over) return [...matrices, bind('offsets', over.offsets), bind('segments', over.segments), ...hidden];
  const place = rows === 'queries' ? bind('starts', over.starts) : bind('targets', over.targets);
  return [...matrices, place, bind('pooledRows', over.pooledRows), ...hidden];
}

/** More rows than any sequence has. */
const noWindow = 0xffffffff;

export function uniformsOf(rowsLike: Value, setting: AttentionSetting) {
  const { heads, sharing, headSize, columns, keyColumns, window, scale } = setting;
  const [rows] = extents(rowsLike);
  return { integers: { rows, heads, sharing, headSize, columns, keyColumns, window: window ?? noWindow }, floats: { scale } };
}

/** Query and key pairs, if all sequences of the batch are of one length. */
export function pairsOf(queries: Value, { q }: AttentionValues, { window }: AttentionSetting, counts: Counts): number {
  const perSequence = counts.tokens / Math.max(1, counts.sequences);
  return rowsOf(queries, counts) * Math.min(q ? perSequence : (perSequence + 1) / 2, window ?? Infinity);
}
