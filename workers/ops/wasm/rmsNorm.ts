import { f32, f32x4, i32 } from '../../engine/wasm/instructions';
import { defineKernel, type WasmOp } from '../../engine/wasm/kernel';
import type { RmsNormAttributes } from '../attributes';
import { optionalInput } from '../shared/inputs';
import { operand, result } from '../shared/operands';
import { sizesOf } from './lowRank';
import { addResidual, normGradientKinds, normGradientOp, rowsPerPart } from './normShared';
import { elements, splat, stretchOf, sumOf } from './vector';

const forwardKinds = {
  x: 'i32',
  weight: 'i32',
  residual: 'i32',
  y: 'i32',
  stats: 'i32',
  sum: 'i32',
  rows: 'i32',
  width: 'i32',
  epsilon: 'f32',
} as const;

const rmsRows = defineKernel('rmsRows', forwardKinds, (f, values, { part }) => {
  const { weight, width } = values;
  const own = stretchOf(f, part, f.integer(rowsPerPart), values.rows);
  const rowBytes = f.integer(i32.shl(width, 2));
  f.for(own.first, own.end, 1, (row) => {
    const begin = f.integer(i32.mul(row, rowBytes));
    const x = f.integer(i32.add(values.x, begin));
    const y = f.integer(i32.add(values.y, begin));
    addResidual(f, values, x, begin);
    const squares = sumOf(f, width, (at, { load }) => {
      const value = f.vector(load(i32.add(x, at)));
      return f32x4.mul(value, value);
    });
    const mean = f32.div(squares, f32.convert(width));
    const scale = f.float(f32.div(1, f32.sqrt(f32.add(mean, values.epsilon))));
    elements(f, width, (at, { load, store }) => {
      const normed = f32x4.mul(load(i32.add(x, at)), splat(scale));
      store(i32.add(y, at), f32x4.mul(normed, load(i32.add(weight, at))));
    });
    f.storeFloat(i32.add(values.stats, i32.shl(row, 2)), scale);
  });
});

export const rmsNormWasm: WasmOp<RmsNormAttributes> = {
  kernels: [rmsRows],
  run(context, { epsilon }) {
    const { node, address } = context;
    const [rows, width] = sizesOf(context, operand(node, 0));
    const residual = optionalInput(node.inputs, 2);
    context.call(rmsRows, Math.ceil(rows / rowsPerPart), {
      x: address(operand(node, 0)),
      weight: address(operand(node, 1)),
      residual: address(residual),
      y: address(result(node, 0)),
      stats: address(result(node, 1)),
      sum: residual ? address(result(node, 2)) : 0,
      rows,
      width,
      epsilon,
    });
  },
};

const rmsGradientRows = defineKernel('rmsGradientRows', normGradientKinds, (f, values, { part }) => {
  const { weight, width } = values;
  const own = stretchOf(f, part, f.integer(rowsPerPart), values.rows);
  const rowBytes = f.integer(i32.shl(width, 2));
  f.for(own.first, own.end, 1, (row) => {
    const begin = f.integer(i32.mul(row, rowBytes));
    const [dy, x, dx] = [values.dy, values.x, values.dx].map((base) => f.integer(i32.add(base, begin)));
    if (!dy || !x || !dx) return;
    const scale = f.float(f32.load(i32.add(values.stats, i32.shl(row, 2))));
    const products = sumOf(f, width, (at, { load }) => {
      const scaled = f32x4.mul(load(i32.add(dy, at)), load(i32.add(weight, at)));
      return f32x4.mul(scaled, f32x4.mul(load(i32.add(x, at)), splat(scale)));
    });
    const slope = f.float(f32.mul(f32.div(products, f32.convert(width)), scale));
    elements(f, width, (at, { load, store }) => {
      const scaled = f32x4.mul(load(i32.add(dy, at)), load(i32.add(weight, at)));
      const made = f.vector(f32x4.mul(f32x4.sub(scaled, f32x4.mul(load(i32.add(x, at)), splat(slope))), splat(scale)));
      f.if(values.carry, () => f.set(made, f32x4.add(made, load(i32.add(i32.add(values.carry, begin), at)))));
      store(i32.add(dx, at), made);
    });
  });
});

export const rmsNormGradientWasm = normGradientOp(rmsGradientRows);
