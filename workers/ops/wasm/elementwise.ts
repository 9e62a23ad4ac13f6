import type { FunctionBuilder, Local } from '../../engine/wasm/assembler';
import { f32x4, i32, type V128 } from '../../engine/wasm/instructions';
import { defineKernel, type WasmContext, type WasmKernel, type WasmOp } from '../../engine/wasm/kernel';
import type { NoAttributes } from '../attributes';
import { operand, result, sizeOf } from '../shared/operands';
import { elements, gelu, geluDerivative, sigmoid, splat, stretchOf } from './vector';

const kinds = { a: 'i32', b: 'i32', y: 'i32', count: 'i32', stretch: 'i32' } as const;
const stretch = 8192;

/** y = what `body` makes of a and b, number by number. */
function elementwise(
  name: string,
  body: (f: FunctionBuilder, a: Local<'v128'>, b: Local<'v128'>) => V128,
): WasmKernel<typeof kinds> {
  return defineKernel(name, kinds, (f, values, { part }) => {
    const own = stretchOf(f, part, values.stretch, values.count);
    const begin = f.integer(i32.shl(own.first, 2));
    elements(f, own.count, (offset, lanes) => {
      const at = f.integer(i32.add(begin, offset));
      const a = f.vector(lanes.load(i32.add(values.a, at)));
      const b = f.vector(lanes.load(i32.add(values.b, at)));
      const made = f.vector(body(f, a, b));
      lanes.store(i32.add(values.y, at), made);
    });
  });
}

const sum = elementwise('sum', (_, a, b) => f32x4.add(a, b));
const geluOf = elementwise('geluOf', (f, a) => gelu(f, a));
const geluGradientOf = elementwise('geluGradientOf', (f, dy, x) => f32x4.mul(geluDerivative(f, x), dy));
const swigluOf = elementwise('swigluOf', (f, gate, up) => f32x4.mul(f32x4.mul(gate, sigmoid(f, gate)), up));
const copy = elementwise('copy', (_, a) => a);

/** Input 1 is input 0 where there is one alone. */
function run(context: WasmContext, kernel: WasmKernel<typeof kinds>): void {
  const { node, address } = context;
  const [a, y] = [operand(node, 0), result(node, 0)];
  const count = sizeOf(y, context.counts);
  const values = { a: address(a), b: address(node.inputs[1] ?? a), y: address(y), count, stretch };
  context.call(kernel, Math.ceil(count / stretch), values);
}

export const addWasm: WasmOp<NoAttributes> = { kernels: [sum], run: (context) => run(context, sum) };
export const geluWasm: WasmOp<NoAttributes> = { kernels: [geluOf], run: (context) => run(context, geluOf) };
export const geluGradientWasm: WasmOp<NoAttributes> = {
  kernels: [geluGradientOf],
  run: (context) => run(context, geluGradientOf),
};

export const swigluWasm: WasmOp<NoAttributes> = { kernels: [swigluOf], run: (context) => run(context, swigluOf) };

const slopeKinds = { dy: 'i32', gate: 'i32', up: 'i32', dgate: 'i32', dup: 'i32', count: 'i32', stretch: 'i32' } as const;

const swigluSlopes = defineKernel('swigluSlopes', slopeKinds, (f, values, { part }) => {
  const own = stretchOf(f, part, values.stretch, values.count);
  const begin = f.integer(i32.shl(own.first, 2));
  elements(f, own.count, (offset, lanes) => {
    const at = f.integer(i32.add(begin, offset));
    const gate = f.vector(lanes.load(i32.add(values.gate, at)));
    const open = f.vector(sigmoid(f, gate));
    const scaled = f.vector(f32x4.mul(lanes.load(i32.add(values.dy, at)), open));
    const slope = f32x4.add(f32x4.mul(gate, f32x4.sub(splat(1), open)), splat(1));
    lanes.store(i32.add(values.dgate, at), f32x4.mul(f32x4.mul(scaled, lanes.load(i32.add(values.up, at))), slope));
    lanes.store(i32.add(values.dup, at), f32x4.mul(scaled, gate));
  });
});

export const swigluGradientWasm: WasmOp<NoAttributes> = {
  kernels: [swigluSlopes],
  run(context) {
    const { node, address, counts } = context;
    const count = sizeOf(operand(node, 0), counts);
    context.call(swigluSlopes, Math.ceil(count / stretch), {
      dy: address(operand(node, 0)),
      gate: address(operand(node, 1)),
      up: address(operand(node, 2)),
      dgate: address(result(node, 0)),
      dup: address(result(node, 1)),
      count,
      stretch,
    });
  },
};

/** Into a gradient's slice, or added to it. */
export const storeGradientWasm: WasmOp<NoAttributes> = {
  kernels: [sum, copy],
  run(context) {
    const { node, address, counts, step } = context;
    const [a, y] = [address(operand(node, 0)), result(node, 0)];
    const count = sizeOf(y, counts);
    const adds = y.role.kind === 'gradient' && step.accumulate;
    const values = { a, b: address(y), y: address(y), count, stretch };
    context.call(adds ? sum : copy, Math.ceil(count / stretch), values);
  },
};
