import type { WasmContext, WasmOp } from '../../engine/wasm/kernel';
import type { AttentionAttributes } from '../attributes';
import { operand, result } from '../shared/operands';
import { causalSegments, pooledSegments, type Segment } from '../shared/segments';
import { attend, attendBackward, attentionScratch } from './attentionKernels';
import { sizesOf } from './lowRank';

/** Where queries, keys and values lie, each a head's columns after the other's. */
interface Packed {
  queries: number;
  queryBytes: number;
  keys: number;
  values: number;
  keyBytes: number;
}

/** Three times `width` columns: queries, keys, values. */
function sideBySide(address: number, width: number): Packed {
  const rowBytes = 12 * width;
  return { queries: address, queryBytes: rowBytes, keys: address + 4 * width, values: address + 8 * width, keyBytes: rowBytes };
}

/** Queries in a matrix of their own. */
function apart(queries: number, pairs: number, width: number): Packed {
  return { queries, queryBytes: 4 * width, keys: pairs, values: pairs + 4 * width, keyBytes: 8 * width };
}

function hostInput({ batch }: WasmContext, name: string): Int32Array {
  const integers = batch.inputs[name];
  if (!integers) throw new Error(`The batch has no input ${name}.`);
  return integers;
}

function causal(context: WasmContext): Segment[] {
  return causalSegments(hostInput(context, 'segmentOffsets'));
}

function pooled(context: WasmContext): Segment[] {
  return pooledSegments(hostInput(context, 'segmentOffsets'), hostInput(context, 'pooledRows'));
}

/** The arguments that both directions share; makes room in the scratch. */
function common(
  context: WasmContext,
  packed: Packed,
  segments: readonly Segment[],
  width: number,
  { heads, scale }: AttentionAttributes,
) {
  const size = width / heads;
  const longest = (count: 'count' | 'queryCount'): number => Math.max(...segments.map((segment) => segment[count]));
  context.reserveScratch(attentionScratch(longest('queryCount'), longest('count'), size));
  const words = segments.flatMap(({ first, count, firstQuery, queryCount, seen }) => [
    first,
    count,
    firstQuery,
    queryCount,
    seen,
  ]);
  return { ...packed, segments: context.table(Int32Array.from(words)), heads, size, scale };
}

export const attentionWasm: WasmOp<AttentionAttributes> = {
  kernels: [attend],
  run(context, attributes) {
    const { node, address, call } = context;
    const [, width] = sizesOf(context, result(node, 0));
    const segments = causal(context);
    const shared = common(context, sideBySide(address(operand(node, 0)), width), segments, width, attributes);
    const outputs = { out: address(result(node, 0)), outBytes: 4 * width, logSumExp: address(result(node, 1)) };
    call(attend, segments.length * attributes.heads, { ...shared, ...outputs });
  },
};

export const attentionGradientWasm: WasmOp<AttentionAttributes> = {
  kernels: [attendBackward],
  run(context, attributes) {
    const { node, address, call } = context;
    const [dout, logSumExp, qkv] = [operand(node, 0), operand(node, 2), operand(node, 3)];
    const [, width] = sizesOf(context, dout);
    const segments = causal(context);
    const shared = common(context, sideBySide(address(qkv), width), segments, width, attributes);
    const into = sideBySide(address(result(node, 0)), width);
    call(attendBackward, segments.length * attributes.heads, {
      ...shared,
      logSumExp: address(logSumExp),
      dout: address(dout),
      doutBytes: 4 * width,
      dqueries: into.queries,
      dkeys: into.keys,
      dvalues: into.values,
    });
  },
};

export const pooledAttentionWasm: WasmOp<AttentionAttributes> = {
  kernels: [attend],
  run(context, attributes) {
    const { node, address, call } = context;
    const [, width] = sizesOf(context, result(node, 0));
    const segments = pooled(context);
    const packed = apart(address(operand(node, 0)), address(operand(node, 1)), width);
    const outputs = { out: address(result(node, 0)), outBytes: 4 * width, logSumExp: address(result(node, 1)) };
    call(attend, segments.length * attributes.heads, { ...common(context, packed, segments, width, attributes), ...outputs });
  },
};

export const pooledAttentionGradientWasm: WasmOp<AttentionAttributes> = {
  kernels: [attendBackward],
  run(context, attributes) {
    const { node, address, call } = context;
    const [dout, logSumExp, q, kv] = [operand(node, 0), operand(node, 2), operand(node, 3), operand(node, 4)];
    const [, width] = sizesOf(context, dout);
    const segments = pooled(context);
    const shared = common(context, apart(address(q), address(kv), width), segments, width, attributes);
    const into = apart(address(result(node, 0)), address(result(node, 1)), width);
    call(attendBackward, segments.length * attributes.heads, {
      ...shared,
      logSumExp: address(logSumExp),
      dout: address(dout),
      doutBytes: 4 * width,
      dqueries: into.queries,
      dkeys: into.keys,
      dvalues: into.values,
    });
  },
};
