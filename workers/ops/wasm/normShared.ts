import type { FunctionBuilder, Local } from '../../engine/wasm/assembler';
import { f32x4, i32 } from '../../engine/wasm/instructions';
import type { WasmKernel, WasmOp } from '../../engine/wasm/kernel';
import type { NormGradientAttributes } from '../attributes';
import { optionalInput } from '../shared/inputs';
import { operand } from '../shared/operands';
import { sizesOf } from './lowRank';
import { elements } from './vector';

/** Enough rows for a part to be worth its handing out. */
export const rowsPerPart = 8;

/** Arguments of a norm's gradient over rows. */
export const normGradientKinds = {
  dy: 'i32',
  x: 'i32',
  weight: 'i32',
  stats: 'i32',
  carry: 'i32',
  dx: 'i32',
  rows: 'i32',
  width: 'i32',
} as const;

interface Residual {
  residual: Local<'i32'>;
  sum: Local<'i32'>;
  width: Local<'i32'>;
}

/** Where there is a residual: writes its sum with the row at `x`, `begin` bytes into the rows, and lets `x` point at that. */
export function addResidual(f: FunctionBuilder, values: Residual, x: Local<'i32'>, begin: Local<'i32'>): void {
  f.if(values.residual, () => {
    const residual = f.integer(i32.add(values.residual, begin));
    const sum = f.integer(i32.add(values.sum, begin));
    elements(f, values.width, (at, { load, store }) => {
      store(i32.add(sum, at), f32x4.add(load(i32.add(x, at)), load(i32.add(residual, at))));
    });
    f.set(x, sum);
  });
}

/** The op of a norm's gradient, by its kernel over rows. */
export function normGradientOp(kernel: WasmKernel<typeof normGradientKinds>): WasmOp<NormGradientAttributes> {
  return {
    kernels: [kernel],
    run(context) {
      const { node, address } = context;
      const [rows, width] = sizesOf(context, operand(node, 1));
      const values = {
        dy: address(operand(node, 0)),
        x: address(operand(node, 1)),
        weight: address(operand(node, 2)),
        stats: address(operand(node, 3)),
        carry: address(optionalInput(node.inputs, 4)),
        rows,
        width,
      };
      // Graphs for the processor have no copies; the cases of the op do.
      for (const dx of node.outputs) context.call(kernel, Math.ceil(rows / rowsPerPart), { ...values, dx: address(dx) });
    },
  };
}
