import type { WasmContext, WasmOp } from '../../engine/wasm/kernel';
import type { Value } from '../../engine/graph';
import type { AttentionAttributes } from '../attributes';
import { optionalInput } from '../shared/inputs';
import { operand, result } from '../shared/operands';
import { causalSegments, pooledSegments, type Segment } from '../shared/segments';
import { attend, attendBackward, attentionScratch, attentionTables } from './attentionKernels';
import { sizesOf } from './lowRank';

/** Where queries, keys and values lie, each a head's columns after the other's. */
interface Packed {
  queries: number;
  queryBytes: number;
  keys: number;
  values: number;
  keyBytes: number;
}

/** Queries, keys and values side by side, as (heads + 2 kvHeads) heads. */
function sideBySide(address: number, headBytes: number, { heads, kvHeads }: AttentionAttributes): Packed {
  const rowBytes = (heads + 2 * kvHeads) * headBytes;
  const keys = address + heads * headBytes;
  return { queries: address, queryBytes: rowBytes, keys, values: keys + kvHeads * headBytes, keyBytes: rowBytes };
}

/** Queries in a matrix of their own. */
function apart(queries: number, pairs: number, headBytes: number, { heads, kvHeads }: AttentionAttributes): Packed {
  const half = kvHeads * headBytes;
  return { queries, queryBytes: heads * headBytes, keys: pairs, values: pairs + half, keyBytes: 2 * half };
}

function hostInput({ batch }: WasmContext, name: string): Int32Array {
  const integers = batch.inputs[name];
  if (!integers) throw new Error(`The batch has no input ${name}.`);
  return integers;
}

/** `branchesAt`: the node's input that says what is hidden, where it has one. */
function causal(context: WasmContext, { window }: AttentionAttributes, branchesAt: number | null): Segment[] {
  return causalSegments(hostInput(context, 'segmentOffsets'), { window, rowBranches: branches(context, branchesAt) });
}

function pooled(context: WasmContext, { window }: AttentionAttributes, branchesAt: number | null): Segment[] {
  const visibility = { window, rowBranches: branches(context, branchesAt) };
  return pooledSegments(hostInput(context, 'segmentOffsets'), hostInput(context, 'pooledRows'), visibility);
}

function branches(context: WasmContext, at: number | null): Int32Array | null {
  return at !== null && optionalInput(context.node.inputs, at) ? hostInput(context, 'rowBranches') : null;
}

/** The size of a head, from the output or its gradient. */
function headSize(context: WasmContext, output: Value, { heads }: AttentionAttributes): number {
  const [, columns] = sizesOf(context, output);
  return columns / heads;
}

/** The arguments that both directions share; makes room in the scratch. */
function common(
  context: WasmContext,
  packed: Packed,
  segments: readonly Segment[],
  size: number,
  { heads, kvHeads, scale }: AttentionAttributes,
) {
  const longest = (count: 'count' | 'queryCount'): number => Math.max(...segments.map((segment) => segment[count]));
  context.reserveScratch(attentionScratch(longest('queryCount'), longest('count'), size));
  const tables = attentionTables(segments);
  const places = { segments: context.table(tables.segments), seen: context.table(tables.seen) };
  return { ...packed, ...places, heads, sharing: heads / kvHeads, size, scale };
}

function forward(context: WasmContext, attributes: AttentionAttributes, packed: Packed, segments: readonly Segment[]): void {
  const { node, address, call } = context;
  const size = headSize(context, result(node, 0), attributes);
  const outputs = { out: address(result(node, 0)), outBytes: 4 * attributes.heads * size, logSumExp: address(result(node, 1)) };
  call(attend, segments.length * attributes.heads, { ...common(context, packed, segments, size, attributes), ...outputs });
}

function backward(
  context: WasmContext,
  attributes: AttentionAttributes,
  [packed, into]: readonly [Packed, Packed],
  segments: readonly Segment[],
): void {
  const { node, address, call } = context;
  const [dout, logSumExp] = [operand(node, 0), operand(node, 2)];
  const size = headSize(context, dout, attributes);
  call(attendBackward, segments.length * attributes.kvHeads, {
    ...common(context, packed, segments, size, attributes),
    logSumExp: address(logSumExp),
    dout: address(dout),
    doutBytes: 4 * attributes.heads * size,
    dqueries: into.queries,
    dkeys: into.keys,
    dvalues: into.values,
  });
}

export const attentionWasm: WasmOp<AttentionAttributes> = {
  kernels: [attend],
  run(context, attributes) {
    const { node, address } = context;
    const headBytes = 4 * headSize(context, result(node, 0), attributes);
    const packed = sideBySide(address(operand(node, 0)), headBytes, attributes);
    forward(context, attributes, packed, causal(context, attributes, 3));
  },
};

export const attentionGradientWasm: WasmOp<AttentionAttributes> = {
  kernels: [attendBackward],
  run(context, attributes) {
    const { node, address } = context;
    const headBytes = 4 * headSize(context, operand(node, 0), attributes);
    const packed = sideBySide(address(operand(node, 3)), headBytes, attributes);
    const into = sideBySide(address(result(node, 0)), headBytes, attributes);
    backward(context, attributes, [packed, into], causal(context, attributes, null));
  },
};

export const pooledAttentionWasm: WasmOp<AttentionAttributes> = {
  kernels: [attend],
  run(context, attributes) {
    const { node, address } = context;
    const headBytes = 4 * headSize(context, result(node, 0), attributes);
    const packed = apart(address(operand(node, 0)), address(operand(node, 1)), headBytes, attributes);
    forward(context, attributes, packed, pooled(context, attributes, 6));
  },
};

export const pooledAttentionGradientWasm: WasmOp<AttentionAttributes> = {
  kernels: [attendBackward],
  run(context, attributes) {
    const { node, address } = context;
    const headBytes = 4 * headSize(context, operand(node, 0), attributes);
    const packed = apart(address(operand(node, 3)), address(operand(node, 4)), headBytes, attributes);
    const into = apart(address(result(node, 0)), address(result(node, 1)), headBytes, attributes);
    backward(context, attributes, [packed, into], pooled(context, attributes, null));
  },
};
