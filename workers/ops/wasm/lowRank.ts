import { matrix, resolveDim } from '../../engine/shape';
import type { WasmContext, WasmOp } from '../../engine/wasm/kernel';
import type { Value } from '../../engine/graph';
import type { ExpandAttributes, ProjectAttributes, WeightGradientAttributes } from '../attributes';
import { operand, result } from '../shared/operands';
import { copyInto, droppedCopy, matmulKernels, multiply, packed, transposedCopy } from './matmul';

/** Rows and columns of a value in this run. */
export function sizesOf({ counts }: WasmContext, value: Value): [rows: number, columns: number] {
  const [rows, columns] = matrix(value.shape, value.label);
  return [resolveDim(rows, counts), columns];
}

export const projectWasm: WasmOp<ProjectAttributes> = {
  kernels: matmulKernels,
  run(context, { layout, scale, ...mask }) {
    const [x, a, y] = [operand(context.node, 0), operand(context.node, 1), result(context.node, 0)];
    const [rows, inner] = sizesOf(context, x);
    const [, columns] = sizesOf(context, y);
    const left = droppedCopy(context, context.address(x), rows * inner, mask, 1);
    const panels = packed(context, context.address(a), { inner, columns, transposed: layout === 'rankIn', scale });
    multiply(context, { a: left, rows, inner, panels, columns, c: context.address(y) });
  },
};

export const expandWasm: WasmOp<ExpandAttributes> = {
  kernels: matmulKernels,
  run(context, { layout, scale, ...mask }) {
    const [u, b, y] = [operand(context.node, 0), operand(context.node, 1), result(context.node, 0)];
    const [rows, inner] = sizesOf(context, u);
    const [, columns] = sizesOf(context, y);
    const panels = packed(context, context.address(b), { inner, columns, transposed: layout === 'outRank', scale });
    const c = context.address(y);
    multiply(context, { a: context.address(u), rows, inner, panels, columns, c });
    if (mask.dropout > 0) copyInto(context, c, c, rows * columns, mask, 1);
  },
};

/** scale * p^T drop(q), into its place or, in a gradient, added to it. */
export const weightGradientWasm: WasmOp<WeightGradientAttributes> = {
  kernels: matmulKernels,
  run(context, { scale, ...mask }) {
    const [p, q, y] = [operand(context.node, 0), operand(context.node, 1), result(context.node, 0)];
    const [inner, rows] = sizesOf(context, p);
    const [, columns] = sizesOf(context, q);
    const left = transposedCopy(context, context.address(p), inner, rows, scale);
    const right = droppedCopy(context, context.address(q), inner * columns, mask, 1);
    const panels = packed(context, right, { inner, columns });
    const accumulate = y.role.kind === 'gradient' && context.step.accumulate;
    multiply(context, { a: left, rows, inner, panels, columns, c: context.address(y), accumulate });
  },
};
