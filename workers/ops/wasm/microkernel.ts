import { defineFunction, type FunctionBuilder, type FunctionDefinition, type Local } from '../../engine/wasm/assembler';
import { f32, f32x4, i32, v128, type I32 } from '../../engine/wasm/instructions';
import { panelColumns } from '../../engine/wasm/panels';
import { madd } from './vector';

/**
 * Products of some rows and one panel of eight columns, all sums in registers. Six rows make twelve sums, with two halves of
 * the panel's row and one number of the left operand that is fifteen: what an x86 processor offers to WebAssembly. Where
 * multiplication and addition are apart, the products need a place too, and four rows are faster than six.
 */
export const tileRows = 6;
const plainTileRows = 4;

function tileRowsOf({ features }: FunctionBuilder): number {
  return features.relaxedSimd ? tileRows : plainTileRows;
}

/** Bytes of scratch that a tile at the right edge needs. */
export const edgeBytes = tileRows * panelColumns * 4;

const parameters = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;

/**
 * c (rows, 8) = a (rows, inner) times a panel, plus c where `accumulate`, plus bias (8) where its address is not 0.
 * Parameters: a, its row's bytes, panel, inner, c, its row's bytes, bias, accumulate.
 */
const tiles: readonly FunctionDefinition<typeof parameters>[] = Array.from({ length: tileRows }, (_, index) =>
  defineFunction(`tile${index + 1}`, parameters, (f, [a, aBytes, panel, inner, c, cBytes, bias, accumulate]) => {
    const rows = index + 1;
    const sums = Array.from({ length: rows }, () => [f.local('v128', v128.zero), f.local('v128', v128.zero)] as const);
    const lines = rowAddresses(f, a, aBytes, rows);
    const unrolled = 4;
    const wholeEnd = f.integer(i32.and(inner, -unrolled));
    f.for(0, wholeEnd, unrolled, () => {
      for (let k = 0; k < unrolled; k++) multiplyAdd(f, sums, lines, panel, k);
      for (const line of lines) f.increase(line, 4 * unrolled);
      f.increase(panel, 4 * panelColumns * unrolled);
    });
    f.for(wholeEnd, inner, 1, () => {
      multiplyAdd(f, sums, lines, panel, 0);
      for (const line of lines) f.increase(line, 4);
      f.increase(panel, 4 * panelColumns);
    });
    const targets = rowAddresses(f, c, cBytes, rows);
    f.if(accumulate, () => eachHalf(sums, (sum, row, half) => f.set(sum, f32x4.add(sum, v128.load(targets[row]!, 16 * half)))));
    f.if(bias, () => eachHalf(sums, (sum, _, half) => f.set(sum, f32x4.add(sum, v128.load(bias, 16 * half)))));
    eachHalf(sums, (sum, row, half) => f.store(targets[row]!, sum, 16 * half));
  }),
);

type Sums = readonly (readonly [Local<'v128'>, Local<'v128'>])[];

function rowAddresses(f: FunctionBuilder, first: I32, rowBytes: I32, rows: number): Local<'i32'>[] {
  const lines = [f.integer(first)];
  for (let row = 1; row < rows; row++) lines.push(f.integer(i32.add(lines[row - 1]!, rowBytes)));
  return lines;
}

function eachHalf(sums: Sums, body: (sum: Local<'v128'>, row: number, half: number) => void): void {
  sums.forEach((pair, row) => pair.forEach((sum, half) => body(sum, row, half)));
}

function multiplyAdd(f: FunctionBuilder, sums: Sums, lines: readonly I32[], panel: I32, k: number): void {
  const halves = [v128.load(panel, 4 * panelColumns * k), v128.load(panel, 4 * panelColumns * k + 16)].map((half) =>
    f.vector(half),
  );
  sums.forEach((pair, row) => {
    const factor = f.vector(v128.loadSplat(lines[row]!, 4 * k));
    pair.forEach((sum, half) => f.set(sum, madd(f, factor, halves[half]!, sum)));
  });
}

const columnParameters = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;

/**
 * c (rows, width) = a (rows, inner) times one panel, of which `width` columns are wanted; the rest as for a tile.
 * Parameters: a, its row's bytes, rows, panel, inner, c, its row's bytes, width, bias, accumulate, scratch.
 */
export const panelProduct = defineFunction(
  'panelProduct',
  columnParameters,
  (f, [a, aBytes, rows, panel, inner, c, cBytes, width, bias, accumulate, scratch]) => {
    const tile = (height: number): void => {
      const definition = tiles[height - 1]!;
      f.if(
        i32.greaterOrEqual(width, panelColumns),
        () => f.call(definition, a, aBytes, panel, inner, c, cBytes, bias, accumulate),
        () => {
          f.call(definition, a, aBytes, panel, inner, scratch, 4 * panelColumns, 0, 0);
          copyEdge(f, height, { scratch, c, cBytes, width, bias, accumulate });
        },
      );
    };
    const most = tileRowsOf(f);
    f.while(i32.greaterOrEqual(rows, most), () => {
      tile(most);
      f.set(a, i32.add(a, i32.mul(aBytes, most)));
      f.set(c, i32.add(c, i32.mul(cBytes, most)));
      f.increase(rows, -most);
    });
    for (let height = 1; height < most; height++) f.if(i32.equal(rows, height), () => tile(height));
  },
);

type Edge = Record<'scratch' | 'c' | 'cBytes' | 'width' | 'bias' | 'accumulate', Local<'i32'>>;

function copyEdge(f: FunctionBuilder, height: number, { scratch, c, cBytes, width, bias, accumulate }: Edge): void {
  f.for(0, height, 1, (row) => {
    f.for(0, width, 1, (column) => {
      const offset = i32.shl(column, 2);
      const target = f.integer(i32.add(i32.add(c, i32.mul(row, cBytes)), offset));
      const value = f.float(f32.load(i32.add(i32.add(scratch, i32.mul(row, 4 * panelColumns)), offset)));
      f.if(accumulate, () => f.set(value, f32.add(value, f32.load(target))));
      f.if(bias, () => f.set(value, f32.add(value, f32.load(i32.add(bias, offset)))));
      f.storeFloat(target, value);
    });
  });
}
