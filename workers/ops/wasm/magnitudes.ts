import { f32x4, i32, v128 } from '../../engine/wasm/instructions';
import { defineKernel, type WasmOp } from '../../engine/wasm/kernel';
import { panelColumns, panelCount } from '../../engine/wasm/panels';
import type { DropAttributes, NoAttributes, RowNormsAttributes } from '../attributes';
import { optionalInput } from '../shared/inputs';
import { operand, result, sizeOf } from '../shared/operands';
import { sizesOf } from './lowRank';
import { copyInto, matmulKernels, packed } from './matmul';
import { elements, madd, stretchOf } from './vector';

/** DoRA's ops: norms of adapted rows, columns scaled by magnitudes over norms, and dropout with what it takes away. */

const normKinds = { weight: 'i32', a: 'i32', lift: 'i32', y: 'i32', inner: 'i32', rank: 'i32', columns: 'i32' } as const;

/** One part a panel of the weight: eight rows of what DoRA takes the norms of. `lift` is packed likewise, and scaled. */
const panelNorms = defineKernel('panelNorms', normKinds, (f, { weight, a, lift, y, inner, rank, columns }, { part }) => {
  const panel = f.integer(i32.add(weight, i32.mul(i32.mul(part, 4 * panelColumns), inner)));
  const lifted = f.integer(i32.add(lift, i32.mul(i32.mul(part, 4 * panelColumns), rank)));
  const rowBytes = f.integer(i32.shl(inner, 2));
  const squares = [0, 16].map((offset) => ({ offset, sum: f.vector(v128.zero) }));
  f.for(0, inner, 1, (k) => {
    const values = squares.map(({ offset }) => f.vector(v128.load(panel, offset)));
    const low = f.integer(i32.add(a, i32.shl(k, 2)));
    const from = f.integer(lifted);
    f.for(0, rank, 1, () => {
      const factor = f.vector(v128.loadSplat(low));
      squares.forEach(({ offset }, half) => {
        const value = values[half]!;
        f.set(value, madd(f, factor, v128.load(from, offset), value));
      });
      f.increase(low, rowBytes);
      f.increase(from, 4 * panelColumns);
    });
    squares.forEach(({ sum }, half) => f.set(sum, madd(f, values[half]!, values[half]!, sum)));
    f.increase(panel, 4 * panelColumns);
  });
  const first = f.integer(i32.mul(part, panelColumns));
  for (const { offset, sum } of squares) {
    const norms = f.vector(f32x4.sqrt(sum));
    for (let lane = 0; lane < 4; lane++) {
      const column = f.integer(i32.add(first, offset / 4 + lane));
      f.if(i32.less(column, columns), () => f.storeFloat(i32.add(y, i32.shl(column, 2)), f32x4.extract(norms, lane)));
    }
  }
});

export const rowNormsWasm: WasmOp<RowNormsAttributes> = {
  kernels: [...matmulKernels, panelNorms],
  packs: ({ transposed }) => ({ input: 0, transposed }),
  run(context, { transposed, scale }) {
    const { node, address } = context;
    const [rank, inner] = sizesOf(context, operand(node, 1));
    const [columns] = sizesOf(context, operand(node, 2));
    const lift = packed(context, address(operand(node, 2)), { inner: rank, columns, transposed: true, scale });
    const weight = context.packed(operand(node, 0), transposed);
    const values = { weight, a: address(operand(node, 1)), lift, y: address(result(node, 0)), inner, rank, columns };
    context.call(panelNorms, panelCount(columns), values);
  },
};

const rowsPerPart = 8;
const scaleKinds = { x: 'i32', magnitudes: 'i32', norms: 'i32', bias: 'i32', y: 'i32', rows: 'i32', columns: 'i32' } as const;

const scaledRows = defineKernel('scaledRows', scaleKinds, (f, values, { part }) => {
  const { magnitudes, norms, bias, rows, columns } = values;
  const own = stretchOf(f, part, f.integer(rowsPerPart), rows);
  f.for(own.first, own.end, 1, (row) => {
    const begin = f.integer(i32.shl(i32.mul(row, columns), 2));
    const x = f.integer(i32.add(values.x, begin));
    const y = f.integer(i32.add(values.y, begin));
    elements(f, columns, (at, { load, store }) => {
      const factor = f32x4.div(load(i32.add(magnitudes, at)), load(i32.add(norms, at)));
      const made = f.vector(f32x4.mul(factor, load(i32.add(x, at))));
      f.if(bias, () => f.set(made, f32x4.add(made, load(i32.add(bias, at)))));
      store(i32.add(y, at), made);
    });
  });
});

export const scaleColumnsWasm: WasmOp<NoAttributes> = {
  kernels: [scaledRows],
  run(context) {
    const { node, address } = context;
    const [rows, columns] = sizesOf(context, operand(node, 0));
    context.call(scaledRows, Math.ceil(rows / rowsPerPart), {
      x: address(operand(node, 0)),
      magnitudes: address(operand(node, 1)),
      norms: address(operand(node, 2)),
      bias: address(optionalInput(node.inputs, 3)),
      y: address(result(node, 0)),
      rows,
      columns,
    });
  },
};

const stretch = 8192;
const restKinds = { x: 'i32', y: 'i32', count: 'i32' } as const;

/** y = x - y. */
const whatIsLeft = defineKernel('whatIsLeft', restKinds, (f, { x, y, count }, { part }) => {
  const own = stretchOf(f, part, f.integer(stretch), count);
  const begin = f.integer(i32.shl(own.first, 2));
  elements(f, own.count, (offset, { load, store }) => {
    const at = f.integer(i32.add(begin, offset));
    store(i32.add(y, at), f32x4.sub(load(i32.add(x, at)), load(i32.add(y, at))));
  });
});

export const dropWasm: WasmOp<DropAttributes> = {
  kernels: [...matmulKernels, whatIsLeft],
  run(context, { complement, ...mask }) {
    const { node, address } = context;
    const [x, y] = [address(operand(node, 0)), address(result(node, 0))];
    const count = sizeOf(result(node, 0), context.counts);
    copyInto(context, x, y, count, mask, 1);
    if (complement) context.call(whatIsLeft, Math.ceil(count / stretch), { x, y, count });
  },
};
