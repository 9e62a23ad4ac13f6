import type { FunctionBuilder, Local } from '../../engine/wasm/assembler';
import { f32, f32x4, i32, i32x4, v128, type F32, type I32, type Integer, type V128 } from '../../engine/wasm/instructions';

/** What kernels share: sums of products, loops over numbers, exponentials, four lanes at a time. */

/** a * b + c; one rounding where the processor has it so. */
export function madd(f: FunctionBuilder, a: V128, b: V128, c: V128): V128 {
  return f.features.relaxedSimd ? f32x4.relaxedMadd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

export function splat(value: F32 | number): V128 {
  return f32x4.splat(value);
}

/** Sum of the four lanes. */
export function sumLanes(f: FunctionBuilder, value: Local<'v128'>): F32 {
  const pair = f.vector(f32x4.add(value, v128.shuffle(value, value, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)));
  return f32.add(f32x4.extract(pair, 0), f32x4.extract(pair, 1));
}

/** Loads and stores of one pass of `elements`: four numbers, or the first of the lanes alone. */
export interface Lanes {
  load(address: I32): V128;
  store(address: I32, value: V128): void;
  /** True in the pass for the last numbers, of which only lane 0 counts. */
  single: boolean;
}

/** Calls `body` for numbers 0 up to `count`, four at a time and then one by one; `at` is their offset in bytes. */
export function elements(f: FunctionBuilder, count: Integer, body: (at: Local<'i32'>, lanes: Lanes) => void): void {
  const at = f.integer(0);
  const bytes = f.integer(i32.shl(count, 2));
  f.while(i32.lessOrEqual(i32.add(at, 16), bytes), () => {
    body(at, { load: (address) => v128.load(address), store: (address, value) => f.store(address, value), single: false });
    f.increase(at, 16);
  });
  f.while(i32.less(at, bytes), () => {
    body(at, { load: (address) => v128.loadOne(address), store: (address, value) => f.storeOne(address, value), single: true });
    f.increase(at, 4);
  });
}

/** Sums what `term` gives for each of `count` numbers. */
export function sumOf(f: FunctionBuilder, count: Integer, term: (at: Local<'i32'>, lanes: Lanes) => V128): Local<'f32'> {
  const lanesSum = f.vector(v128.zero);
  const single = f.vector(v128.zero);
  elements(f, count, (at, lanes) => {
    const sum = lanes.single ? single : lanesSum;
    f.set(sum, f32x4.add(sum, term(at, lanes)));
  });
  return f.float(f32.add(sumLanes(f, lanesSum), f32x4.extract(single, 0)));
}

/** The stretch `[part * length, (part + 1) * length)` of `count`: its first index and how many there are. */
export function stretchOf(
  f: FunctionBuilder,
  part: I32,
  length: I32,
  count: I32,
): { first: Local<'i32'>; count: Local<'i32'>; end: Local<'i32'> } {
  const first = f.integer(i32.mul(part, length));
  const end = f.integer(i32.add(first, length));
  f.set(end, i32.select(i32.less(end, count), end, count));
  return { first, end, count: f.integer(i32.sub(end, first)) };
}

const log2e = Math.LOG2E;
// ln 2 in two parts, the first short enough for exact multiples (Cody & Waite).
const ln2High = 0.693359375;
const ln2Low = Math.LN2 - ln2High;

/**
 * e^x, to about 1e-7 of it, for x from -87 to 88; beyond, the value at the end. Cody & Waite's reduction to |r| <= ln 2 / 2
 * and the exponential's own series to the seventh power.
 */
export function exponential(f: FunctionBuilder, x: V128): V128 {
  const bounded = f.vector(f32x4.min(f32x4.max(x, splat(-87)), splat(88)));
  const whole = f.vector(f32x4.nearest(f32x4.mul(bounded, splat(log2e))));
  const rest = f.vector(f32x4.sub(f32x4.sub(bounded, f32x4.mul(whole, splat(ln2High))), f32x4.mul(whole, splat(ln2Low))));
  const sum = f.vector(splat(1 / 5040));
  for (const coefficient of [1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1, 1]) f.set(sum, madd(f, sum, rest, splat(coefficient)));
  return f32x4.mul(sum, i32x4.shl(i32x4.add(f32x4.toIntegers(whole), i32x4.splat(127)), 23));
}

/** The sigmoid of x. */
export function sigmoid(f: FunctionBuilder, x: V128): V128 {
  return f32x4.div(splat(1), f32x4.add(splat(1), exponential(f, f32x4.sub(splat(0), x))));
}

// 0.5 (1 + tanh(z)) = sigmoid(2 z), so gelu_new(x) = x sigmoid(x (linear + cubic x^2)).
const linear = 2 * Math.sqrt(2 / Math.PI);
const cubic = linear * 0.044715;

export function gelu(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const slope = f32x4.add(f32x4.mul(f32x4.mul(x, x), splat(cubic)), splat(linear));
  return f32x4.mul(x, sigmoid(f, f32x4.mul(slope, x)));
}

/** gelu_new'(x). */
export function geluDerivative(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const slope = f32x4.add(f32x4.mul(f32x4.mul(x, x), splat(cubic)), splat(linear));
  const argument = f.vector(f32x4.mul(slope, x));
  const gate = f.vector(sigmoid(f, argument));
  // d argument / dx, times x: linear x + 3 cubic x^3 = 3 argument - 2 linear x.
  const rise = f32x4.sub(f32x4.mul(argument, splat(3)), f32x4.mul(x, splat(2 * linear)));
  return f32x4.mul(gate, f32x4.add(splat(1), f32x4.mul(f32x4.sub(splat(1), gate), rise)));
}
