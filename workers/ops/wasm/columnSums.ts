import type { FunctionBuilder } from '../../engine/wasm/assembler';
import { f32x4, i32, v128, type I32, type V128 } from '../../engine/wasm/instructions';
import { defineKernel, type WasmOp } from '../../engine/wasm/kernel';
import type { NoAttributes } from '../attributes';
import { optionalInput } from '../shared/inputs';
import { extents, operand, result } from '../shared/operands';
import { sizesOf } from './lowRank';
import { elements, madd, stretchOf } from './vector';

/** One cache line of each row. */
const columnsPerPart = 16;

const kinds = {
  dy: 'i32',
  x: 'i32',
  stats: 'i32',
  norms: 'i32',
  y: 'i32',
  rows: 'i32',
  columns: 'i32',
  accumulate: 'i32',
} as const;

/** What is added for four columns of a row: `dy` and `x` read them, `stats` is the address of the row's own. */
type Term = (f: FunctionBuilder, sum: V128, dy: V128, x: () => V128, stats: I32) => V128;

/** `y[column]` = the sum over rows of the terms, / norms where there are any. `statsWidth`: numbers of stats a row. */
function sumsOf(name: string, statsWidth: number, term: Term) {
  return defineKernel(name, kinds, (f, values, { part }) => {
    const { dy, x, norms, y, rows, columns, accumulate } = values;
    const own = stretchOf(f, part, f.integer(columnsPerPart), columns);
    const begin = f.integer(i32.shl(own.first, 2));
    const rowBytes = f.integer(i32.shl(columns, 2));
    elements(f, own.count, (offset, { load, store }) => {
      const column = f.integer(i32.add(begin, offset));
      const place = f.integer(column);
      const stats = f.integer(values.stats);
      const sum = f.vector(v128.zero);
      f.for(0, rows, 1, () => {
        f.set(
          sum,
          term(f, sum, load(i32.add(dy, place)), () => load(i32.add(x, place)), stats),
        );
        f.increase(place, rowBytes);
        if (statsWidth > 0) f.increase(stats, 4 * statsWidth);
      });
      const to = f.integer(i32.add(y, column));
      f.if(norms, () => f.set(sum, f32x4.div(sum, load(i32.add(norms, column)))));
      f.if(accumulate, () => f.set(sum, f32x4.add(sum, load(to))));
      store(to, sum);
    });
  });
}

const plainSums = sumsOf('columnSums', 0, (_, sum, dy) => f32x4.add(sum, dy));
const productSums = sumsOf('columnProducts', 0, (f, sum, dy, x) => madd(f, dy, x(), sum));
const scaledSums = sumsOf('columnScaled', 1, (f, sum, dy, x, stats) => madd(f, f32x4.mul(dy, v128.loadSplat(stats)), x(), sum));
const centredSums = sumsOf('columnCentred', 2, (f, sum, dy, x, stats) =>
  madd(f, f32x4.mul(dy, v128.loadSplat(stats, 4)), f32x4.sub(x(), v128.loadSplat(stats)), sum),
);

/** Into its place or, in a gradient, added to it. */
export const columnSumsWasm: WasmOp<NoAttributes> = {
  kernels: [plainSums, productSums, scaledSums, centredSums],
  run(context) {
    const { node, address, step } = context;
    const [x, stats, norms] = [1, 2, 3].map((index) => optionalInput(node.inputs, index));
    const y = result(node, 0);
    const [rows, columns] = sizesOf(context, operand(node, 0));
    const normed = stats && (extents(stats)[1] === 2 ? centredSums : scaledSums);
    context.call(normed ?? (x ? productSums : plainSums), Math.ceil(columns / columnsPerPart), {
      dy: address(operand(node, 0)),
      x: address(x),
      stats: address(stats),
      norms: address(norms),
      y: address(y),
      rows,
      columns,
      accumulate: y.role.kind === 'gradient' && step.accumulate ? 1 : 0,
    });
  },
};
