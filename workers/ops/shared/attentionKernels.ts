import type { Node, Value } from '../../engine/graph';
import { ShapeError, type Counts } from '../../engine/shape';
import { buildKernel, spread } from '../../engine/wgsl/buildKernel';
import type { DeviceTraits, Kernel, KernelContext } from '../../engine/wgsl/kernel';
import type { AttentionAttributes } from '../attributes';
import attention from '../attention.wgsl?raw';
import gradientOfKeys from './attentionGradientOfKeys.wgsl?raw';
import gradientOfQueries from './attentionGradientOfQueries.wgsl?raw';
import gradientRows from './attentionGradientRows.wgsl?raw';
import rows from './attentionRows.wgsl?raw';
import { bind, extents, operand, result, rowsOf } from './operands';

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

type Context = KernelContext<AttentionAttributes>;

interface Setting {
  columns: number;
  headSize: number;
  heads: number;
  flags: Record<string, boolean | number>;
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

export function attentionForward({ node, attributes, device }: Context, values: AttentionValues): Kernel[] {
  const out = result(node, 0);
  const setting = settingOf(extents(out)[1], attributes, values, lanesPerQuery(values, device));
  const type = setting.flags['VEC'] ? 'vec4' : 'scalar';
  return [
    buildKernel({
      label: node.op,
      body: [rows, attention],
      flags: setting.flags,
      bindings: [...sources(values, type, 'queries'), bind('out', out, type), bind('logSumExp', result(node, 1))],
      ...uniformsOf(out, setting, attributes),
      grid: gridOf(out, setting),
      multiplyAdds: (counts) => pairs(out, values, counts) * setting.columns * 2.5,
    }),
  ];
}

export function attentionBackward({ node, attributes, device }: Context, values: AttentionValues): Kernel[] {
  const dout = operand(node, 0);
  const pooled = values.q !== null;
  const columns = extents(dout)[1];
  const ofQueries = settingOf(columns, attributes, values, lanesPerQuery(values, device));
  const ofKeys = settingOf(columns, attributes, values, pooled ? 1 : lanesPerQuery(values, device));
  const type = ofQueries.flags['VEC'] ? 'vec4' : 'scalar';
  const given = [bind('dout', dout, type), bind('out', operand(node, 1), type), bind('logSumExp', operand(node, 2))];
  const [keyRows, keyGradient] = [values.kv, result(node, pooled ? 1 : 0)];
  return [
    buildKernel({
      label: `${node.op} of queries`,
      body: [rows, gradientRows, gradientOfQueries],
      flags: ofQueries.flags,
      bindings: [...given, ...sources(values, type, 'queries'), bind('gradient', result(node, 0), type)],
      ...uniformsOf(dout, ofQueries, attributes),
      grid: gridOf(dout, ofQueries),
      multiplyAdds: (counts) => pairs(dout, values, counts) * columns * 3.5,
    }),
    buildKernel({
      label: `${node.op} of keys`,
      body: [rows, gradientRows, gradientOfKeys],
      flags: ofKeys.flags,
      bindings: [...given, ...sources(values, type, 'keys'), bind('gradient', keyGradient, type)],
      ...uniformsOf(keyRows, ofKeys, attributes),
      grid: gridOf(keyRows, ofKeys),
      multiplyAdds: (counts) => pairs(dout, values, counts) * columns * 5,
    }),
  ];
}

/** Threads that share a row's keys. Few pooled queries need many; where workgroup memory is slow, adding up costs more than it gains. */
function lanesPerQuery({ q }: AttentionValues, { matmul }: DeviceTraits): number {
  if (q) return 16;
  return matmul === 'direct' ? 1 : 4;
}

function settingOf(columns: number, { heads }: AttentionAttributes, { q }: AttentionValues, lanes: number): Setting {
  const headSize = columns / heads;
  if (headSize > largestHead) {
    throw new ShapeError(
      `Attention has heads of ${headSize} numbers (${columns} columns in ${heads} heads); its kernel takes up to ${largestHead}. Use more heads.`,
    );
  }
  const flags = {
    POOLED: q !== null,
    VEC: headSize % 4 === 0,
    QUADS: Math.ceil(headSize / 4),
    FOUR: 4,
    LANES: lanes,
    ALONE: lanes === 1,
  };
  return { columns, headSize, heads, flags };
}

/** What a kernel over query rows or key rows reads besides gradients. */
function sources({ q, kv, offsets, segments, pooledRows }: AttentionValues, type: 'vec4' | 'scalar', over: 'queries' | 'keys') {
  if (!q || !pooledRows) return [bind('kv', kv, type), bind('offsets', offsets), bind('segments', segments)];
  const place = over === 'queries' ? bind('offsets', offsets) : bind('segments', segments);
  return [bind('q', q, type), bind('kv', kv, type), place, bind('pooledRows', pooledRows)];
}

function uniformsOf(rowsLike: Value, { heads, headSize, columns }: Setting, { scale }: AttentionAttributes) {
  return { integers: { rows: extents(rowsLike)[0], heads, headSize, columns }, floats: { scale } };
}

function gridOf(rowsLike: Value, { heads, flags }: Setting) {
  return (counts: Counts) => spread(Math.ceil((rowsOf(rowsLike, counts) * heads * Number(flags['LANES'])) / 64));
}

/** Query and key pairs, if all sequences of the batch are of one length. */
function pairs(queries: Value, { q }: AttentionValues, counts: Counts): number {
  const perSequence = counts.tokens / Math.max(1, counts.sequences);
  return rowsOf(queries, counts) * (q ? perSequence : (perSequence + 1) / 2);
}
