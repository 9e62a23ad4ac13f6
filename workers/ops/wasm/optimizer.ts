import type { FunctionBuilder, Local } from '../../engine/wasm/assembler';
import { f32, f32x4, float, i32, type F32, type Float, type I32 } from '../../engine/wasm/instructions';
import type { Value } from '../../engine/graph';
import { defineKernel, type WasmContext, type WasmOp } from '../../engine/wasm/kernel';
import type { AdamWAttributes, NoAttributes, SumSquaresAttributes, UpdateLossScaleAttributes } from '../attributes';
import { optionalInput } from '../shared/inputs';
import { operand, result, sizeOf } from '../shared/operands';
import { elements, splat, stretchOf, sumOf } from './vector';

/** As torch's clip_grad_norm_ has it: added to the norm before dividing by it. */
const clipEpsilon = 1e-6;

const squareKinds = { x: 'i32', y: 'i32', count: 'i32', stretch: 'i32' } as const;

/** y[part] = the sum of the squares of the part's stretch of x. */
const squares = defineKernel('squares', squareKinds, (f, { x, y, count, stretch }, { part }) => {
  const own = stretchOf(f, part, stretch, count);
  const begin = f.integer(i32.add(x, i32.shl(own.first, 2)));
  const sum = sumOf(f, own.count, (at, { load }) => {
    const value = f.vector(load(i32.add(begin, at)));
    return f32x4.mul(value, value);
  });
  f.storeFloat(i32.add(y, i32.shl(part, 2)), sum);
});

export const sumSquaresWasm: WasmOp<SumSquaresAttributes> = {
  kernels: [squares],
  run({ node, address, counts, call }, { parts }) {
    const count = sizeOf(operand(node, 0), counts);
    const stretch = Math.ceil(count / parts);
    call(squares, parts, { x: address(operand(node, 0)), y: address(result(node, 0)), count, stretch });
  },
};

const rootKinds = { x: 'i32', y: 'i32', count: 'i32', lossScale: 'i32' } as const;

const rootOfSum = defineKernel('rootOfSum', rootKinds, (f, { x, y, count, lossScale }) => {
  const norm = f.float(f32.sqrt(sumOf(f, count, (at, { load }) => load(i32.add(x, at)))));
  f.if(lossScale, () => f.set(norm, f32.div(norm, f32.load(lossScale))));
  f.storeFloat(y, norm);
});

export const gradientNormWasm: WasmOp<NoAttributes> = {
  kernels: [rootOfSum],
  run({ node, address, counts, call }) {
    const count = sizeOf(operand(node, 0), counts);
    const lossScale = address(optionalInput(node.inputs, 1));
    call(rootOfSum, 1, { x: address(operand(node, 0)), y: address(result(node, 0)), count, lossScale });
  },
};

const updateKinds = {
  parameters: 'i32',
  gradients: 'i32',
  firstMoment: 'i32',
  secondMoment: 'i32',
  norm: 'i32',
  newParameters: 'i32',
  newFirst: 'i32',
  newSecond: 'i32',
  count: 'i32',
  stretch: 'i32',
  maxGradNorm: 'f32',
  keep1: 'f32',
  take1: 'f32',
  keep2: 'f32',
  take2: 'f32',
  epsilon: 'f32',
  rootFactor: 'f32',
  decay: 'f32',
  rate: 'f32',
  lossScale: 'i32',
} as const;

const lossScaleBytes = { scale: 0, steps: 4, correction1: 8, correction2: 12 };
const exponentBits = 0x7f800000;

/** By exponent bits. */
function isFinite(value: F32): I32 {
  return i32.differ(i32.and(i32.reinterpret(value), exponentBits), exponentBits);
}

/** AdamW's bias correction with one step more. */
function nextCorrection(before: F32, take: Float): F32 {
  return f32.add(before, f32.mul(f32.sub(1, before), take));
}

const update = defineKernel('update', updateKinds, (f, values, { part }) => {
  const own = stretchOf(f, part, values.stretch, values.count);
  const begin = f.integer(i32.shl(own.first, 2));
  const clip = f.float(f32.div(values.maxGradNorm, f32.add(f32.load(values.norm), clipEpsilon)));
  f.set(clip, f32.min(clip, 1));
  f.if(i32.isZero(f32.greater(values.maxGradNorm, 0)), () => f.set(clip, float(1)));
  const kept = f.integer(1);
  f.if(values.lossScale, () => {
    const correction = (offset: number, take: Float): F32 => nextCorrection(f32.load(values.lossScale, offset), take);
    f.set(clip, f32.div(clip, f32.load(values.lossScale, lossScaleBytes.scale)));
    f.set(values.rate, f32.div(values.rate, correction(lossScaleBytes.correction1, values.take1)));
    f.set(values.rootFactor, f32.div(1, f32.sqrt(correction(lossScaleBytes.correction2, values.take2))));
    f.set(kept, isFinite(f32.load(values.norm)));
  });
  // The states are written in place, so that a step which is skipped has nothing to do.
  f.if(kept, () => updateStretch(f, values, clip, begin, own.count));
});

type UpdateValues = { readonly [Name in keyof typeof updateKinds]: Local<(typeof updateKinds)[Name]> };

function updateStretch(
  f: FunctionBuilder,
  values: UpdateValues,
  clip: Local<'f32'>,
  begin: Local<'i32'>,
  count: Local<'i32'>,
): void {
  elements(f, count, (offset, { load, store }) => {
    const at = f.integer(i32.add(begin, offset));
    const gradient = f.vector(f32x4.mul(load(i32.add(values.gradients, at)), splat(clip)));
    const kept1 = f32x4.mul(load(i32.add(values.firstMoment, at)), splat(values.keep1));
    const first = f.vector(f32x4.add(kept1, f32x4.mul(gradient, splat(values.take1))));
    const kept2 = f32x4.mul(load(i32.add(values.secondMoment, at)), splat(values.keep2));
    const second = f.vector(f32x4.add(kept2, f32x4.mul(f32x4.mul(gradient, gradient), splat(values.take2))));
    const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(second), splat(values.rootFactor)), splat(values.epsilon));
    const change = f32x4.mul(f32x4.div(first, denominator), splat(values.rate));
    const decayed = f32x4.mul(load(i32.add(values.parameters, at)), splat(values.decay));
    store(i32.add(values.newParameters, at), f32x4.sub(decayed, change));
    store(i32.add(values.newFirst, at), first);
    store(i32.add(values.newSecond, at), second);
  });
}

const scaleKinds = { state: 'i32', norm: 'i32', next: 'i32', take1: 'f32', take2: 'f32', interval: 'f32' } as const;

/** Twice this is no float32 any more. */
const largestScale = 1e38;

const nextScale = defineKernel('nextScale', scaleKinds, (f, { state, norm, next, take1, take2, interval }) => {
  const [scale, steps, correction1, correction2] = [0, 4, 8, 12].map((offset) => f.float(f32.load(state, offset)));
  if (!scale || !steps || !correction1 || !correction2) throw new Error('The loss scale has four numbers.');
  f.if(
    isFinite(f32.load(norm)),
    () => {
      f.set(steps, f32.add(steps, 1));
      f.if(i32.isZero(f32.less(steps, interval)), () => {
        f.if(f32.less(scale, largestScale), () => f.set(scale, f32.mul(scale, 2)));
        f.set(steps, float(0));
      });
      f.set(correction1, nextCorrection(correction1, take1));
      f.set(correction2, nextCorrection(correction2, take2));
    },
    () => {
      f.set(scale, f32.mul(scale, 0.5));
      f.set(steps, float(0));
    },
  );
  [scale, steps, correction1, correction2].forEach((value, index) => f.storeFloat(next, value, 4 * index));
});

export const updateLossScaleWasm: WasmOp<UpdateLossScaleAttributes> = {
  kernels: [nextScale],
  run({ node, address, call }, { beta1, beta2, interval }) {
    const places = { state: address(operand(node, 0)), norm: address(operand(node, 1)), next: address(result(node, 0)) };
    call(nextScale, 1, { ...places, take1: 1 - beta1, take2: 1 - beta2, interval });
  },
};

const stretch = 8192;

/** Parameters `first` up to, not including, `end`, each multiplied by `decay` before its change is taken off. */
function updateRange(
  { node, address, step, call }: WasmContext,
  { beta1, beta2, epsilon }: AdamWAttributes,
  first: number,
  end: number,
  decay: number,
): void {
  if (end <= first) return;
  const lossScale = address(optionalInput(node.inputs, 5));
  const at = (value: Value): number => address(value) + 4 * first;
  call(update, Math.ceil((end - first) / stretch), {
    parameters: at(operand(node, 0)),
    gradients: at(operand(node, 1)),
    firstMoment: at(operand(node, 2)),
    secondMoment: at(operand(node, 3)),
    norm: address(operand(node, 4)),
    newParameters: at(result(node, 0)),
    newFirst: at(result(node, 1)),
    newSecond: at(result(node, 2)),
    count: end - first,
    stretch,
    maxGradNorm: step.maxGradNorm,
    keep1: beta1,
    take1: 1 - beta1,
    keep2: beta2,
    take2: 1 - beta2,
    epsilon,
    rootFactor: 1 / Math.sqrt(step.correction2),
    decay,
    rate: lossScale ? step.learningRate : step.learningRate / step.correction1,
    lossScale,
  });
}

export const adamWWasm: WasmOp<AdamWAttributes> = {
  kernels: [update],
  run(context, attributes) {
    const count = sizeOf(operand(context.node, 0), context.counts);
    const { undecayed } = attributes;
    updateRange(context, attributes, 0, Math.min(undecayed, count), 1);
    updateRange(context, attributes, undecayed, count, 1 - context.step.learningRate * context.step.weightDecay);
  },
};
