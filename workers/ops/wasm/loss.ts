import type { FunctionBuilder, Local } from '../../engine/wasm/assembler';
import { f32, f32x4, f64, i32 } from '../../engine/wasm/instructions';
import { defineKernel, type WasmContext, type WasmKernel, type WasmOp } from '../../engine/wasm/kernel';
import type { NoAttributes } from '../attributes';
import { optionalInput } from '../shared/inputs';
import { operand, result } from '../shared/operands';
import { sizesOf } from './lowRank';
import { elements, exponential, splat, sumOf } from './vector';

const kinds = {
  logits: 'i32',
  labels: 'i32',
  y: 'i32',
  rows: 'i32',
  classes: 'i32',
  lossWeight: 'f32',
  lossScale: 'i32',
  targetWeights: 'i32',
} as const;

/** The highest of a row's numbers, and the sum of their exponentials less that. */
export function softmaxSums(
  f: FunctionBuilder,
  row: Local<'i32'>,
  classes: Local<'i32'>,
): { highest: Local<'f32'>; sum: Local<'f32'> } {
  const highest = f.float(f32.load(row));
  f.for(1, classes, 1, (index) => f.set(highest, f32.max(highest, f32.load(i32.add(row, i32.shl(index, 2))))));
  const sum = sumOf(f, classes, (at, { load }) => exponential(f, f32x4.sub(load(i32.add(row, at)), splat(highest))));
  return { highest, sum };
}

const lossSum = defineKernel('lossSum', kinds, (f, { logits, labels, y, rows, classes, lossWeight, targetWeights }) => {
  const loss = f.float(f32.convert(f.integer(0)));
  f.for(0, rows, 1, (row) => {
    const own = f.integer(i32.add(logits, i32.mul(i32.mul(row, classes), 4)));
    const { highest, sum } = softmaxSums(f, own, classes);
    const label = i32.load(i32.add(labels, i32.shl(row, 2)));
    const logSum = f32.add(highest, f32.demote(f.host('log', f64.promote(sum))));
    const ownLoss = f.float(f32.sub(logSum, f32.load(i32.add(own, i32.shl(label, 2)))));
    f.if(targetWeights, () => f.set(ownLoss, f32.mul(ownLoss, f32.load(i32.add(targetWeights, i32.shl(row, 2))))));
    f.set(loss, f32.add(loss, ownLoss));
  });
  f.storeFloat(y, f32.mul(loss, lossWeight));
});

const lossGradient = defineKernel('lossGradient', kinds, (f, values) => {
  const { logits, labels, y, rows, classes, lossWeight, lossScale, targetWeights } = values;
  f.if(lossScale, () => f.set(lossWeight, f32.mul(lossWeight, f32.load(lossScale))));
  f.for(0, rows, 1, (row) => {
    const begin = f.integer(i32.mul(i32.mul(row, classes), 4));
    const own = f.integer(i32.add(logits, begin));
    const to = f.integer(i32.add(y, begin));
    const { highest, sum } = softmaxSums(f, own, classes);
    const weight = f.float(lossWeight);
    f.if(targetWeights, () => f.set(weight, f32.mul(weight, f32.load(i32.add(targetWeights, i32.shl(row, 2))))));
    const factor = f.float(f32.div(weight, sum));
    elements(f, classes, (at, { load, store }) => {
      const share = f.vector(exponential(f, f32x4.sub(load(i32.add(own, at)), splat(highest))));
      store(i32.add(to, at), f32x4.mul(share, splat(factor)));
    });
    const target = f.integer(i32.add(to, i32.shl(i32.load(i32.add(labels, i32.shl(row, 2))), 2)));
    f.storeFloat(target, f32.sub(f32.load(target), weight));
  });
});

function run(context: WasmContext, kernel: WasmKernel<typeof kinds>, inputs: { scale: number | null; weights: number }): void {
  const { node, address } = context;
  const [rows, classes] = sizesOf(context, operand(node, 0));
  context.call(kernel, 1, {
    logits: address(operand(node, 0)),
    labels: address(operand(node, 1)),
    y: address(result(node, 0)),
    rows,
    classes,
    lossWeight: context.step.lossWeight,
    lossScale: address(inputs.scale === null ? null : optionalInput(node.inputs, inputs.scale)),
    targetWeights: address(optionalInput(node.inputs, inputs.weights)),
  });
}

export const crossEntropyWasm: WasmOp<NoAttributes> = {
  kernels: [lossSum],
  run: (context) => run(context, lossSum, { scale: null, weights: 2 }),
};
export const crossEntropyGradientWasm: WasmOp<NoAttributes> = {
  kernels: [lossGradient],
  run: (context) => run(context, lossGradient, { scale: 2, weights: 3 }),
};
