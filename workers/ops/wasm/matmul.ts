import type { FunctionBuilder, Local } from '../../engine/wasm/assembler';
import { f32x4, i32, v128 } from '../../engine/wasm/instructions';
import { defineKernel, type WasmContext } from '../../engine/wasm/kernel';
import { packPanels, panelBytes, panelColumns, panelCount } from '../../engine/wasm/panels';
import type { Dropout } from '../attributes';
import { keptLanes, maskKinds, maskValues } from './dropout';
import { panelProduct } from './microkernel';
import { elements, gelu, geluDerivative, stretchOf } from './vector';

const activations = { none: 0, gelu: 1, geluGradient: 2 } as const;

/** Rows of the panel that stay in the first cache (12 KB) while all rows of the left operand pass. */
const innerBlock = 384;

const kinds = {
  a: 'i32',
  aBytes: 'i32',
  rows: 'i32',
  panels: 'i32',
  inner: 'i32',
  innerStep: 'i32',
  panelRows: 'i32',
  c: 'i32',
  columns: 'i32',
  bias: 'i32',
  accumulate: 'i32',
  low: 'i32',
  lift: 'i32',
  rank: 'i32',
  pre: 'i32',
  activation: 'i32',
  rowsPerPart: 'i32',
  panelsPerPart: 'i32',
  columnParts: 'i32',
  ...maskKinds,
} as const;

/**
 * c (rows, columns) = drop(low lift) + a times packed panels + bias, then the activation. A part is some rows by some panels.
 * The inner dimension goes in blocks; a panel's block meets every row of the part before the next panel's turn.
 */
const product = defineKernel('product', kinds, (f, values, { part, scratch }) => {
  const { a, aBytes, panels, inner, innerStep, c, columns, bias, accumulate, low, lift, rank, activation } = values;
  const columnPart = f.integer(i32.remainder(part, values.columnParts));
  const across = f.integer(i32.div(i32.add(columns, panelColumns - 1), panelColumns));
  const own = stretchOf(f, columnPart, values.panelsPerPart, across);
  const down = stretchOf(f, f.integer(i32.div(part, values.columnParts)), values.rowsPerPart, values.rows);
  const cBytes = f.integer(i32.shl(columns, 2));
  const target = f.integer(i32.add(c, i32.mul(down.first, cBytes)));
  const startsEmpty = f.integer(i32.isZero(i32.or(accumulate, rank)));

  const eachPanel = (body: (panel: Local<'i32'>, place: Local<'i32'>, width: Local<'i32'>) => void): void => {
    f.for(own.first, own.end, 1, (panel) => {
      const place = f.integer(i32.add(target, i32.mul(panel, 4 * panelColumns)));
      body(panel, place, f.integer(i32.sub(columns, i32.mul(panel, panelColumns))));
    });
  };

  f.if(rank, () => {
    const rankBytes = f.integer(i32.shl(rank, 2));
    const ownLow = f.integer(i32.add(low, i32.mul(down.first, rankBytes)));
    eachPanel((panel, place, width) => {
      const lifts = i32.add(lift, i32.mul(i32.mul(panel, 4 * panelColumns), rank));
      f.call(panelProduct, ownLow, rankBytes, down.count, lifts, rank, place, cBytes, width, 0, 0, scratch);
    });
    f.if(values.threshold, () =>
      eachRowStretch(f, values, own, down, (index, at, count) => maskStretch(f, values, index, at, count)),
    );
  });
  f.for(0, inner, innerStep, (k) => {
    const block = f.integer(i32.sub(inner, k));
    f.set(block, i32.select(i32.less(block, innerStep), block, innerStep));
    const left = f.integer(i32.add(i32.add(a, i32.mul(down.first, aBytes)), i32.shl(k, 2)));
    const adds = f.integer(i32.isZero(i32.and(startsEmpty, i32.isZero(k))));
    eachPanel((panel, place, width) => {
      const right = i32.add(panels, i32.mul(i32.add(i32.mul(panel, values.panelRows), k), 4 * panelColumns));
      const ownBias = i32.select(i32.and(i32.differ(bias, 0), i32.isZero(k)), i32.add(bias, i32.mul(panel, 4 * panelColumns)), 0);
      f.call(panelProduct, left, aBytes, down.count, right, block, place, cBytes, width, ownBias, adds, scratch);
    });
  });
  f.if(activation, () => {
    eachRowStretch(f, values, own, down, (index, at, count) => {
      const pre = f.integer(i32.add(values.pre, i32.shl(index, 2)));
      f.if(
        i32.equal(activation, activations.gelu),
        () => geluStretch(f, at, pre, count),
        () => geluGradientStretch(f, at, pre, count),
      );
    });
  });
});

type Values = { readonly [Name in keyof typeof kinds]: Local<(typeof kinds)[Name]> };
type Stretch = ReturnType<typeof stretchOf>;

/** Each row of the part: the index of its first number, that number's address in c, and how many there are. */
function eachRowStretch(
  f: FunctionBuilder,
  { c, columns }: Values,
  own: Stretch,
  down: Stretch,
  body: (index: Local<'i32'>, at: Local<'i32'>, count: Local<'i32'>) => void,
): void {
  const first = f.integer(i32.mul(own.first, panelColumns));
  const count = f.integer(i32.sub(i32.min(f.integer(i32.mul(own.end, panelColumns)), columns), first));
  f.for(down.first, down.end, 1, (row) => {
    const index = f.integer(i32.add(i32.mul(row, columns), first));
    body(index, f.integer(i32.add(c, i32.shl(index, 2))), count);
  });
}

function maskStretch(f: FunctionBuilder, values: Values, index: Local<'i32'>, at: Local<'i32'>, count: Local<'i32'>): void {
  const factor = f.vector(f32x4.splat(values.keepFactor));
  elements(f, count, (offset, lanes) => {
    const place = i32.add(at, offset);
    const value = f32x4.mul(lanes.load(place), factor);
    lanes.store(place, keptLanes(f, value, i32.add(index, i32.shr(offset, 2)), values.key, values.threshold));
  });
}

function geluStretch(f: FunctionBuilder, at: Local<'i32'>, pre: Local<'i32'>, count: Local<'i32'>): void {
  elements(f, count, (offset, lanes) => {
    const value = f.vector(lanes.load(i32.add(at, offset)));
    lanes.store(i32.add(pre, offset), value);
    const made = f.vector(gelu(f, value));
    lanes.store(i32.add(at, offset), made);
  });
}

function geluGradientStretch(f: FunctionBuilder, at: Local<'i32'>, pre: Local<'i32'>, count: Local<'i32'>): void {
  elements(f, count, (offset, lanes) => {
    const input = f.vector(lanes.load(i32.add(pre, offset)));
    const made = f.vector(f32x4.mul(geluDerivative(f, input), lanes.load(i32.add(at, offset))));
    lanes.store(i32.add(at, offset), made);
  });
}

const copyKinds = { source: 'i32', target: 'i32', count: 'i32', stretch: 'i32', scale: 'f32', ...maskKinds } as const;

/** target = scale * drop(source), element by element. */
const copyDropped = defineKernel('copyDropped', copyKinds, (f, values, { part }) => {
  const { source, target, stretch, count, scale } = values;
  const own = stretchOf(f, part, stretch, count);
  const begin = f.integer(i32.shl(own.first, 2));
  const factor = f.vector(f32x4.mul(f32x4.splat(scale), f32x4.splat(values.keepFactor)));
  elements(f, own.count, (offset, lanes) => {
    const at = f.integer(i32.add(begin, offset));
    const value = f.vector(f32x4.mul(lanes.load(i32.add(source, at)), factor));
    f.if(values.threshold, () => f.set(value, keptLanes(f, value, i32.shr(at, 2), values.key, values.threshold)));
    lanes.store(i32.add(target, at), value);
  });
});

/** target (columns, rows) = source (rows, columns) transposed, times scale. One part is eight columns. */
const transpose = defineKernel(
  'transpose',
  { source: 'i32', target: 'i32', rows: 'i32', columns: 'i32', scale: 'f32' },
  (f, { source, target, rows, columns, scale }, { part }) => {
    const own = stretchOf(f, part, f.integer(8), columns);
    f.for(own.first, own.end, 1, (column) => {
      const from = f.integer(i32.add(source, i32.shl(column, 2)));
      const to = f.integer(i32.add(target, i32.mul(i32.mul(column, rows), 4)));
      f.for(0, rows, 1, () => {
        f.storeOne(to, f32x4.mul(v128.loadOne(from), f32x4.splat(scale)));
        f.increase(from, i32.shl(columns, 2));
        f.increase(to, 4);
      });
    });
  },
);

export const matmulKernels = [product, copyDropped, transpose, packPanels] as const;

export interface Product {
  /** Address of the left operand, `(rows, inner)`. */
  a: number;
  rows: number;
  inner: number;
  /** Address of the right operand's panels. */
  panels: number;
  /** Rows from one panel to the next, where the product takes some of them only. Default: `inner`. */
  panelRows?: number;
  columns: number;
  /** Address of the result, `(rows, columns)`. */
  c: number;
  bias?: number;
  /** Adds to what is in c. */
  accumulate?: boolean;
  /** drop(low lift): low `(rows, rank)`, lift in panels. */
  lora?: { low: number; lift: number; rank: number; mask: Dropout };
  activation?: keyof typeof activations;
  /** Written by gelu, read by geluGradient. */
  pre?: number;
}

const noDropout: Dropout = { dropout: 0, site: 0 };

export function multiply(context: WasmContext, { a, rows, inner, panels, columns, c, bias = 0, lora, ...rest }: Product): void {
  const across = panelCount(columns);
  // Some six parts a thread, so that one that is interrupted does not keep the others waiting.
  const wanted = context.threads === 1 ? 1 : 6 * context.threads;
  const columnParts = Math.min(across, wanted);
  const panelsPerPart = Math.ceil(across / columnParts);
  const rowsPerPart = columnParts >= wanted ? rows : Math.max(6, 6 * Math.ceil(rows / (6 * Math.ceil(wanted / columnParts))));
  const actualColumnParts = Math.ceil(across / panelsPerPart);
  const blocks = Math.max(1, Math.ceil(inner / innerBlock));
  context.call(product, actualColumnParts * Math.ceil(rows / rowsPerPart), {
    a,
    aBytes: 4 * inner,
    rows,
    panels,
    inner,
    panelRows: rest.panelRows ?? inner,
    innerStep: Math.max(1, 4 * Math.ceil(inner / blocks / 4)),
    c,
    columns,
    bias,
    accumulate: rest.accumulate ? 1 : 0,
    low: lora?.low ?? 0,
    lift: lora?.lift ?? 0,
    rank: lora?.rank ?? 0,
    pre: rest.pre ?? 0,
    activation: activations[rest.activation ?? 'none'],
    rowsPerPart,
    panelsPerPart,
    columnParts: actualColumnParts,
    ...maskValues(lora?.mask ?? noDropout, context.step),
  });
}

/** Panels, in the work space, of scale times a matrix `(inner, columns)`, or of one that lies transposed, `(columns, inner)`. */
export function packed(
  context: WasmContext,
  source: number,
  { inner, columns, transposed = false, scale = 1 }: { inner: number; columns: number; transposed?: boolean; scale?: number },
): number {
  const target = context.workspace(panelBytes(inner, columns));
  const [rowBytes, columnBytes] = transposed ? [4, 4 * inner] : [4 * columns, 4];
  context.call(packPanels, panelCount(columns), { source, target, rowBytes, columnBytes, inner, columns, scale });
  return target;
}

/** scale * drop(source), in the work space; the source itself where that is the same. */
export function droppedCopy(context: WasmContext, source: number, count: number, mask: Dropout, scale: number): number {
  if (mask.dropout === 0 && scale === 1) return source;
  const target = context.workspace(4 * count);
  copyInto(context, source, target, count, mask, scale);
  return target;
}

/** target = scale * drop(source); both may be the same. */
export function copyInto(
  context: WasmContext,
  source: number,
  target: number,
  count: number,
  mask: Dropout,
  scale: number,
): void {
  const stretch = 16_384;
  const parts = Math.ceil(count / stretch);
  context.call(copyDropped, parts, { source, target, count, stretch, scale, ...maskValues(mask, context.step) });
}

/** scale times the transpose of a matrix `(rows, columns)`, in the work space. */
export function transposedCopy(context: WasmContext, source: number, rows: number, columns: number, scale: number): number {
  const target = context.workspace(4 * rows * columns);
  context.call(transpose, Math.ceil(columns / 8), { source, target, rows, columns, scale });
  return target;
}
