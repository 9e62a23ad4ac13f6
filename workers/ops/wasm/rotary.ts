import type { Batch } from '../../engine/executor';
import type { Value } from '../../engine/graph';
import { f32x4, i32 } from '../../engine/wasm/instructions';
import { defineKernel, type WasmContext, type WasmOp } from '../../engine/wasm/kernel';
import type { RotaryAttributes, RotaryGradientAttributes } from '../attributes';
import { partsOf } from '../rotaryGradient';
import { optionalInput } from '../shared/inputs';
import { operand, result } from '../shared/operands';
import { rotaryTurns } from '../shared/rotaryReference';
import { sizesOf } from './lowRank';
import { elements, splat, stretchOf } from './vector';

const rowsPerPart = 16;

const turnKinds = {
  x: 'i32',
  y: 'i32',
  turns: 'i32',
  rows: 'i32',
  heads: 'i32',
  half: 'i32',
  fromStride: 'i32',
  toStride: 'i32',
  direction: 'f32',
} as const;

/** Turns the pairs of every head; strides in bytes. */
const turnHeads = defineKernel('turnHeads', turnKinds, (f, values, { part }) => {
  const { heads, half, direction } = values;
  const own = stretchOf(f, part, f.integer(rowsPerPart), values.rows);
  const halfBytes = f.integer(i32.shl(half, 2));
  f.for(own.first, own.end, 1, (row) => {
    const x = f.integer(i32.add(values.x, i32.mul(row, values.fromStride)));
    const y = f.integer(i32.add(values.y, i32.mul(row, values.toStride)));
    const cosines = f.integer(i32.add(values.turns, i32.mul(row, i32.shl(halfBytes, 1))));
    const sines = f.integer(i32.add(cosines, halfBytes));
    f.for(0, heads, 1, () => {
      elements(f, half, (at, { load, store }) => {
        const [a, b] = [f.vector(load(i32.add(x, at))), f.vector(load(i32.add(i32.add(x, halfBytes), at)))];
        const cosine = f.vector(load(i32.add(cosines, at)));
        const sine = f.vector(f32x4.mul(load(i32.add(sines, at)), splat(direction)));
        store(i32.add(y, at), f32x4.sub(f32x4.mul(a, cosine), f32x4.mul(b, sine)));
        store(i32.add(i32.add(y, halfBytes), at), f32x4.add(f32x4.mul(b, cosine), f32x4.mul(a, sine)));
      });
      f.increase(x, i32.shl(halfBytes, 1));
      f.increase(y, i32.shl(halfBytes, 1));
    });
  });
});

const copyKinds = { x: 'i32', y: 'i32', rows: 'i32', width: 'i32', fromStride: 'i32', toStride: 'i32' } as const;

const copyColumns = defineKernel('copyColumns', copyKinds, (f, values, { part }) => {
  const own = stretchOf(f, part, f.integer(rowsPerPart), values.rows);
  f.for(own.first, own.end, 1, (row) => {
    const x = f.integer(i32.add(values.x, i32.mul(row, values.fromStride)));
    const y = f.integer(i32.add(values.y, i32.mul(row, values.toStride)));
    elements(f, values.width, (at, { load, store }) => store(i32.add(y, at), load(i32.add(x, at))));
  });
});

/** Every block turns by the same angles: made once for a batch. */
const turnsOfBatch = new WeakMap<Batch, Map<string, Int32Array>>();

/** Cosines and sines of the rows' angles in the work space. */
function turnTable(context: WasmContext, frequencies: readonly number[], positions: Value, rows: Value | null): number {
  const { batch } = context;
  const known = turnsOfBatch.get(batch) ?? new Map<string, Int32Array>();
  turnsOfBatch.set(batch, known);
  const key = `${positions.label} ${rows?.label} ${frequencies.join()}`;
  const turns = known.get(key) ?? turnsAsBits(hostInput(batch, positions), rows && hostInput(batch, rows), frequencies);
  known.set(key, turns);
  return context.table(turns);
}

function turnsAsBits(positions: Int32Array, rows: Int32Array | null, frequencies: readonly number[]): Int32Array {
  return new Int32Array(Float32Array.from(rotaryTurns(positions, rows, frequencies)).buffer);
}

function hostInput(batch: Batch, { role, label }: Value): Int32Array {
  const values = role.kind === 'input' ? batch.inputs[role.name] : undefined;
  if (!values) throw new Error(`${label} is no input of the batch.`);
  return values;
}

interface Move {
  from: number;
  to: number;
  fromStride: number;
  toStride: number;
  width: number;
  rotates: boolean;
}

function run(context: WasmContext, moves: readonly Move[], turns: number, rows: number, half: number, direction: number): void {
  const parts = Math.ceil(rows / rowsPerPart);
  for (const { from, to, width, rotates, ...strides } of moves) {
    const shared = { x: from, y: to, rows, fromStride: 4 * strides.fromStride, toStride: 4 * strides.toStride };
    if (rotates) context.call(turnHeads, parts, { ...shared, turns, heads: width / (2 * half), half, direction });
    else context.call(copyColumns, parts, { ...shared, width });
  }
}

export const rotaryWasm: WasmOp<RotaryAttributes> = {
  kernels: [turnHeads, copyColumns],
  run(context, { frequencies }) {
    const { node, address } = context;
    const [rows, stride] = sizesOf(context, result(node, 0));
    const turns = turnTable(context, frequencies, operand(node, 3), optionalInput(node.inputs, 4));
    let offset = 0;
    const moves = [0, 1, 2].flatMap((index): Move[] => {
      const value = optionalInput(node.inputs, index);
      if (!value) return [];
      const [, width] = sizesOf(context, value);
      const to = address(result(node, 0)) + 4 * offset;
      offset += width;
      return [{ from: address(value), to, fromStride: width, toStride: stride, width, rotates: index < 2 }];
    });
    run(context, moves, turns, rows, frequencies.length, 1);
  },
};

export const rotaryGradientWasm: WasmOp<RotaryGradientAttributes> = {
  kernels: [turnHeads, copyColumns],
  run(context, attributes) {
    const { node, address } = context;
    const { frequencies } = attributes;
    const dy = operand(node, 0);
    const [rows, stride] = sizesOf(context, dy);
    const turns = turnTable(context, frequencies, operand(node, 1), optionalInput(node.inputs, 2));
    const moves = partsOf(attributes).map(({ offset, width, rotates }, index): Move => {
      const [from, to] = [address(dy) + 4 * offset, address(result(node, index))];
      return { from, to, fromStride: stride, toStride: width, width, rotates };
    });
    run(context, moves, turns, rows, frequencies.length, -1);
  },
};
