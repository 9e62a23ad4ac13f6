import { f32x4, i32 } from '../../engine/wasm/instructions';
import { defineKernel, type WasmOp } from '../../engine/wasm/kernel';
import type { NoAttributes } from '../attributes';
import { optionalInput } from '../shared/inputs';
import { operand, result } from '../shared/operands';
import { sizesOf } from './lowRank';
import { elements, stretchOf } from './vector';

const rowsPerPart = 16;

const gatherKinds = { ids: 'i32', table: 'i32', places: 'i32', more: 'i32', y: 'i32', rows: 'i32', width: 'i32' } as const;

/** y[row] = table[ids[row]], plus more[places[row]] where there is such a table. */
const gather = defineKernel('gather', gatherKinds, (f, { ids, table, places, more, y, rows, width }, { part }) => {
  const own = stretchOf(f, part, f.integer(rowsPerPart), rows);
  const rowBytes = f.integer(i32.shl(width, 2));
  f.for(own.first, own.end, 1, (row) => {
    const from = f.integer(i32.add(table, i32.mul(i32.load(i32.add(ids, i32.shl(row, 2))), rowBytes)));
    const to = f.integer(i32.add(y, i32.mul(row, rowBytes)));
    f.if(
      more,
      () => {
        const other = f.integer(i32.add(more, i32.mul(i32.load(i32.add(places, i32.shl(row, 2))), rowBytes)));
        elements(f, width, (at, { load, store }) => {
          store(i32.add(to, at), f32x4.add(load(i32.add(from, at)), load(i32.add(other, at))));
        });
      },
      () => elements(f, width, (at, { load, store }) => store(i32.add(to, at), load(i32.add(from, at)))),
    );
  });
});

export const embeddingWasm: WasmOp<NoAttributes> = {
  kernels: [gather],
  run(context) {
    const { node, address } = context;
    const [rows, width] = sizesOf(context, result(node, 0));
    context.call(gather, Math.ceil(rows / rowsPerPart), {
      ids: address(operand(node, 0)),
      table: address(operand(node, 2)),
      places: address(node.inputs[1]),
      more: address(node.inputs[3]),
      y: address(result(node, 0)),
      rows,
      width,
    });
  },
};

export const gatherRowsWasm: WasmOp<NoAttributes> = {
  kernels: [gather],
  run(context) {
    const { node, address } = context;
    const [rows, width] = sizesOf(context, result(node, 0));
    const [table, ids] = [address(operand(node, 0)), address(operand(node, 1))];
    context.call(gather, Math.ceil(rows / rowsPerPart), {
      ids,
      table,
      places: 0,
      more: 0,
      y: address(result(node, 0)),
      rows,
      width,
    });
  },
};

const scatterKinds = { values: 'i32', rows: 'i32', targets: 'i32', base: 'i32', y: 'i32', count: 'i32', width: 'i32' } as const;

/** y[row] = base[row], or 0, plus the value of the first target at or after the row where it belongs to this row. */
const scatter = defineKernel('scatter', scatterKinds, (f, { values, rows, targets, base, y, count, width }, { part }) => {
  const own = stretchOf(f, part, f.integer(rowsPerPart), count);
  const rowBytes = f.integer(i32.shl(width, 2));
  f.for(own.first, own.end, 1, (row) => {
    const begin = f.integer(i32.mul(row, rowBytes));
    const to = f.integer(i32.add(y, begin));
    const from = f.integer(i32.add(base, begin));
    const entry = f.integer(i32.add(targets, i32.shl(row, 3)));
    const first = f.integer(i32.load(entry));
    f.if(
      base,
      () => elements(f, width, (at, { load, store }) => store(i32.add(to, at), load(i32.add(from, at)))),
      () => elements(f, width, (at, { store }) => store(i32.add(to, at), f32x4.splat(0))),
    );
    const isTarget = i32.equal(i32.load(i32.add(rows, i32.shl(first, 2))), row);
    // Past the last target there is nothing to read.
    f.if(i32.less(first, i32.load(entry, 4)), () =>
      f.if(isTarget, () => {
        const value = f.integer(i32.add(values, i32.mul(first, rowBytes)));
        elements(f, width, (at, { load, store }) => {
          store(i32.add(to, at), f32x4.add(load(i32.add(to, at)), load(i32.add(value, at))));
        });
      }),
    );
  });
});

export const scatterRowsWasm: WasmOp<NoAttributes> = {
  kernels: [scatter],
  run(context) {
    const { node, address } = context;
    const [values, rows, targets] = [0, 1, 2].map((index) => address(operand(node, index)));
    const [count, width] = sizesOf(context, result(node, 0));
    context.call(scatter, Math.ceil(count / rowsPerPart), {
      values: values ?? 0,
      rows: rows ?? 0,
      targets: targets ?? 0,
      base: address(optionalInput(node.inputs, 3)),
      y: address(result(node, 0)),
      count,
      width,
    });
  },
};
