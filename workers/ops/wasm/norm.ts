import { f32, f32x4, i32 } from '../../engine/wasm/instructions';
import { defineKernel, type WasmOp } from '../../engine/wasm/kernel';
import type { LayerNormAttributes } from '../attributes';
import { optionalInput } from '../shared/inputs';
import { operand, result } from '../shared/operands';
import { sizesOf } from './lowRank';
import { addResidual, normGradientKinds, normGradientOp, rowsPerPart } from './normShared';
import { elements, splat, stretchOf, sumOf } from './vector';

const forwardKinds = {
  x: 'i32',
  weight: 'i32',
  bias: 'i32',
  residual: 'i32',
  y: 'i32',
  stats: 'i32',
  sum: 'i32',
  rows: 'i32',
  width: 'i32',
  epsilon: 'f32',
} as const;

const normRows = defineKernel('normRows', forwardKinds, (f, values, { part }) => {
  const { weight, bias, width } = values;
  const own = stretchOf(f, part, f.integer(rowsPerPart), values.rows);
  const rowBytes = f.integer(i32.shl(width, 2));
  f.for(own.first, own.end, 1, (row) => {
    const begin = f.integer(i32.mul(row, rowBytes));
    const x = f.integer(i32.add(values.x, begin));
    const y = f.integer(i32.add(values.y, begin));
    addResidual(f, values, x, begin);
    const count = f.float(f32.convert(width));
    const mean = f.float(
      f32.div(
        sumOf(f, width, (at, { load }) => load(i32.add(x, at))),
        count,
      ),
    );
    const squares = sumOf(f, width, (at, { load }) => {
      const centred = f.vector(f32x4.sub(load(i32.add(x, at)), splat(mean)));
      return f32x4.mul(centred, centred);
    });
    const inverse = f.float(f32.div(1, f32.sqrt(f32.add(f32.div(squares, count), values.epsilon))));
    elements(f, width, (at, { load, store }) => {
      const normed = f32x4.mul(f32x4.sub(load(i32.add(x, at)), splat(mean)), splat(inverse));
      store(i32.add(y, at), f32x4.add(f32x4.mul(normed, load(i32.add(weight, at))), load(i32.add(bias, at))));
    });
    const stats = i32.add(values.stats, i32.shl(row, 3));
    f.storeFloat(stats, mean);
    f.storeFloat(stats, inverse, 4);
  });
});

export const layerNormWasm: WasmOp<LayerNormAttributes> = {
  kernels: [normRows],
  run(context, { epsilon }) {
    const { node, address } = context;
    const [rows, width] = sizesOf(context, operand(node, 0));
    const residual = optionalInput(node.inputs, 3);
    context.call(normRows, Math.ceil(rows / rowsPerPart), {
      x: address(operand(node, 0)),
      weight: address(operand(node, 1)),
      bias: address(operand(node, 2)),
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

const normGradientRows = defineKernel('normGradientRows', normGradientKinds, (f, values, { part }) => {
  const { weight, width } = values;
  const own = stretchOf(f, part, f.integer(rowsPerPart), values.rows);
  const rowBytes = f.integer(i32.shl(width, 2));
  f.for(own.first, own.end, 1, (row) => {
    const begin = f.integer(i32.mul(row, rowBytes));
    const [dy, x, dx] = [values.dy, values.x, values.dx].map((base) => f.integer(i32.add(base, begin)));
    if (!dy || !x || !dx) return;
    const stats = f.integer(i32.add(values.stats, i32.shl(row, 3)));
    const mean = f.float(f32.load(stats));
    const inverse = f.float(f32.load(stats, 4));
    const count = f.float(f32.convert(width));
    const meanGradient = f.float(
      f32.div(
        sumOf(f, width, (at, { load }) => f32x4.mul(load(i32.add(dy, at)), load(i32.add(weight, at)))),
        count,
      ),
    );
    const products = sumOf(f, width, (at, { load }) => {
      const scaled = f32x4.mul(load(i32.add(dy, at)), load(i32.add(weight, at)));
      return f32x4.mul(scaled, f32x4.sub(load(i32.add(x, at)), splat(mean)));
    });
    const slope = f.float(f32.mul(f32.div(products, count), f32.mul(inverse, inverse)));
    elements(f, width, (at, { load, store }) => {
      const scaled = f32x4.mul(load(i32.add(dy, at)), load(i32.add(weight, at)));
      const centred = f32x4.sub(load(i32.add(x, at)), splat(mean));
      const own = f32x4.sub(f32x4.sub(scaled, splat(meanGradient)), f32x4.mul(centred, splat(slope)));
      const made = f.vector(f32x4.mul(own, splat(inverse)));
      f.if(values.carry, () => f.set(made, f32x4.add(made, load(i32.add(i32.add(values.carry, begin), at)))));
      store(i32.add(dx, at), made);
    });
  });
});

export const layerNormGradientWasm = normGradientOp(normGradientRows);
