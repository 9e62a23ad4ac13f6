import type { Local } from '../../engine/wasm/assembler';
import { f32, f32x4, f64, i32, type F32 } from '../../engine/wasm/instructions';
import { defineKernel, type WasmContext, type WasmOp } from '../../engine/wasm/kernel';
import { panelColumns } from '../../engine/wasm/panels';
import type { HeadLossAttributes } from '../attributes';
import { optionalInput } from '../shared/inputs';
import { operand, result } from '../shared/operands';
import { sizesOf } from './lowRank';
import { softmaxSums } from './loss';
import { matmulKernels, multiply } from './matmul';
import { elements, exponential, splat, stretchOf } from './vector';

const rowsPerPart = 4;

const chunkKinds = {
  logits: 'i32',
  labels: 'i32',
  statistics: 'i32',
  rows: 'i32',
  first: 'i32',
  entries: 'i32',
  lossWeight: 'f32',
  lossScale: 'i32',
} as const;

/** What a chunk's logits add to each row's log-sum-exp, and the label's logit once its chunk comes. */
const mergeChunk = defineKernel('mergeChunk', chunkKinds, (f, { logits, labels, statistics, rows, first, entries }, { part }) => {
  const own = stretchOf(f, part, f.integer(rowsPerPart), rows);
  f.for(own.first, own.end, 1, (row) => {
    const from = f.integer(i32.add(logits, i32.shl(i32.mul(row, entries), 2)));
    const to = f.integer(i32.add(statistics, i32.shl(row, 3)));
    const { highest, sum } = softmaxSums(f, from, entries);
    const top = f.float(highest);
    f.if(first, () => {
      const before = f.float(f32.load(to));
      f.set(top, f32.max(before, highest));
      const powerOf = (value: Local<'f32'>): F32 => {
        const lanes = f.vector(exponential(f, splat(f32.sub(value, top))));
        return f32x4.extract(lanes, 0);
      };
      const own = f.float(f32.mul(sum, powerOf(highest)));
      f.set(sum, f32.add(powerOf(before), own));
    });
    f.storeFloat(to, f32.add(top, f32.demote(f.host('log', f64.promote(sum)))));
    const entry = f.integer(i32.sub(i32.load(i32.add(labels, i32.shl(row, 2))), first));
    f.if(i32.and(i32.lessOrEqual(f.integer(0), entry), i32.less(entry, entries)), () => {
      f.storeFloat(i32.add(to, 4), f32.load(i32.add(from, i32.shl(entry, 2))));
    });
  });
});

/** A chunk's logits become their gradients. */
const chunkGradient = defineKernel('chunkGradient', chunkKinds, (f, values, { part }) => {
  const { logits, labels, statistics, rows, first, entries, lossWeight, lossScale } = values;
  f.if(lossScale, () => f.set(lossWeight, f32.mul(lossWeight, f32.load(lossScale))));
  const own = stretchOf(f, part, f.integer(rowsPerPart), rows);
  f.for(own.first, own.end, 1, (row) => {
    const from = f.integer(i32.add(logits, i32.shl(i32.mul(row, entries), 2)));
    const logSum = f.float(f32.load(i32.add(statistics, i32.shl(row, 3))));
    elements(f, entries, (at, { load, store }) => {
      const share = f.vector(exponential(f, f32x4.sub(load(i32.add(from, at)), splat(logSum))));
      store(i32.add(from, at), f32x4.mul(share, splat(lossWeight)));
    });
    const entry = f.integer(i32.sub(i32.load(i32.add(labels, i32.shl(row, 2))), first));
    f.if(i32.and(i32.lessOrEqual(f.integer(0), entry), i32.less(entry, entries)), () => {
      const place = f.integer(i32.add(from, i32.shl(entry, 2)));
      f.storeFloat(place, f32.sub(f32.load(place), lossWeight));
    });
  });
});

const totalKinds = { statistics: 'i32', loss: 'i32', rows: 'i32', lossWeight: 'f32' } as const;

const total = defineKernel('headLossTotal', totalKinds, (f, { statistics, loss, rows, lossWeight }) => {
  const sum = f.float(f32.convert(f.integer(0)));
  f.for(0, rows, 1, (row) => {
    const own = f.integer(i32.add(statistics, i32.shl(row, 3)));
    f.set(sum, f32.add(sum, f32.sub(f32.load(own), f32.load(i32.add(own, 4)))));
  });
  f.storeFloat(loss, f32.mul(sum, lossWeight));
});

interface Chunk {
  first: number;
  entries: number;
}

/** Makes the logits of one chunk after another in the node's room, and calls `body` with each. */
function eachChunk(context: WasmContext, chunk: number, logits: number, body: (chunk: Chunk) => void): void {
  const { node, address } = context;
  const [hidden, head] = [operand(node, 0), operand(node, 1)];
  const [rows, inner] = sizesOf(context, hidden);
  const [vocabulary] = sizesOf(context, head);
  const panels = context.packed(head, true);
  for (let first = 0; first < vocabulary; first += chunk) {
    const entries = Math.min(chunk, vocabulary - first);
    const own = panels + (first / panelColumns) * inner * 4 * panelColumns;
    multiply(context, { a: address(hidden), rows, inner, panels: own, columns: entries, c: logits });
    body({ first, entries });
  }
}

function roomOf({ node, address }: WasmContext): number {
  const logits = node.scratch?.[0];
  if (!logits) throw new Error(`${node.op} has no room for its logits.`);
  return address(logits);
}

export const headLossWasm: WasmOp<HeadLossAttributes> = {
  kernels: [...matmulKernels, mergeChunk, total],
  packs: () => ({ input: 1, transposed: true }),
  run(context, { chunk }) {
    const { node, address, call } = context;
    const { lossWeight } = context.step;
    const [rows] = sizesOf(context, operand(node, 0));
    const labels = address(operand(node, 2));
    const [loss, statistics] = [address(result(node, 0)), address(result(node, 1))];
    const logits = roomOf(context);
    eachChunk(context, chunk, logits, ({ first, entries }) => {
      const values = { logits, labels, statistics, rows, first, entries, lossWeight, lossScale: 0 };
      call(mergeChunk, Math.ceil(rows / rowsPerPart), values);
    });
    call(total, 1, { statistics, loss, rows, lossWeight });
  },
};

export const headLossGradientWasm: WasmOp<HeadLossAttributes> = {
  kernels: [...matmulKernels, chunkGradient],
  packs: () => ({ input: 1, transposed: true }),
  run(context, { chunk }) {
    const { node, address, call } = context;
    const head = operand(node, 1);
    const [labels, statistics, gradient] = [address(operand(node, 2)), address(operand(node, 3)), address(result(node, 0))];
    const [rows, width] = sizesOf(context, operand(node, 0));
    const [vocabulary] = sizesOf(context, head);
    const lossScale = address(optionalInput(node.inputs, 4));
    const logits = roomOf(context);
    const panels = context.packed(head, false);
    eachChunk(context, chunk, logits, ({ first, entries }) => {
      const { lossWeight } = context.step;
      const values = { logits, labels, statistics, rows, first, entries, lossWeight, lossScale };
      call(chunkGradient, Math.ceil(rows / rowsPerPart), values);
      multiply(context, {
        a: logits,
        rows,
        inner: entries,
        panels: panels + first * 4 * panelColumns,
        panelRows: vocabulary,
        columns: width,
        c: gradient,
        accumulate: first > 0,
      });
    });
  },
};
