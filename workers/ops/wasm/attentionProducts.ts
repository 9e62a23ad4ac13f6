import type { FunctionBuilder, Local } from '../../engine/wasm/assembler';
import { i32, type I32 } from '../../engine/wasm/instructions';
import { panelColumns } from '../../engine/wasm/panels';
import { panelProduct, tileRows } from './microkernel';
import { elements, splat } from './vector';

/** Where one head of one sequence lies, and its products of scores, keys, values and queries, hidden scores left out by blocks of rows. */

/** Integers of a sequence in the table of segments: first, count, firstQuery and queryCount of shared/segments.ts. */
const segmentWords = 4;

/** Integers of a query in the table of what is seen: the first key, one past the last, and what is hidden in between. */
export const seenWords = 4;

/** Rows whose products share one bound on what they see. */
const blockRows = 4 * tileRows;

export const rowKinds = {
  queries: 'i32',
  queryBytes: 'i32',
  keys: 'i32',
  values: 'i32',
  keyBytes: 'i32',
  segments: 'i32',
  seen: 'i32',
  heads: 'i32',
  sharing: 'i32',
  size: 'i32',
  scale: 'f32',
  logSumExp: 'i32',
} as const;

/** One sequence, as locals, and a head of its keys. */
export interface Sequence {
  count: Local<'i32'>;
  firstQuery: Local<'i32'>;
  queryCount: Local<'i32'>;
  /** The first query's entry in the table of what is seen. */
  seen: Local<'i32'>;
  /** Bytes of a row of scores: the keys, rounded up to whole panels. */
  scoreBytes: Local<'i32'>;
  /** Byte offset of the head's first key from the keys of all heads. */
  keyOffset: Local<'i32'>;
}

export type RowValues = { readonly [Name in keyof typeof rowKinds]: Local<(typeof rowKinds)[Name]> };

export function sequenceOf(f: FunctionBuilder, values: RowValues, segment: I32, keyHead: I32): Sequence {
  const entry = f.integer(i32.add(values.segments, i32.mul(segment, 4 * segmentWords)));
  const [first, count, firstQuery, queryCount] = [0, 1, 2, 3].map((word) => f.integer(i32.load(entry, 4 * word)));
  if (!first || !count || !firstQuery || !queryCount) throw new Error('A segment has four words.');
  const seen = f.integer(i32.add(values.seen, i32.mul(firstQuery, 4 * seenWords)));
  const scoreBytes = f.integer(i32.shl(i32.and(i32.add(count, panelColumns - 1), -panelColumns), 2));
  const keyOffset = f.integer(i32.add(i32.mul(first, values.keyBytes), columnOf(values, keyHead)));
  return { count, firstQuery, queryCount, seen, scoreBytes, keyOffset };
}

/** Byte offset of a head's columns within a row of one operand. */
function columnOf({ size }: RowValues, head: I32): I32 {
  return i32.shl(i32.mul(head, size), 2);
}

/** Address of a head of the first query's row, of an operand that lies as the queries do. */
export function queryAddress(values: RowValues, { firstQuery }: Sequence, operand: I32, rowBytes: I32, head: I32): I32 {
  return i32.add(i32.add(operand, i32.mul(firstQuery, rowBytes)), columnOf(values, head));
}

/** The first key that a query sees, and one past the last. */
export function beginOf({ seen }: Sequence, query: I32): I32 {
  return i32.load(i32.add(seen, i32.shl(query, 4)));
}

export function endOf({ seen }: Sequence, query: I32): I32 {
  return i32.load(i32.add(seen, i32.shl(query, 4)), 4);
}

/** scores (queries, keys) = rows (queries, size) times keys that lie in panels, as far as any row of a block sees; whole panels. */
export function scoreProduct(
  f: FunctionBuilder,
  own: Sequence,
  size: Local<'i32'>,
  rows: { address: I32; bytes: I32 },
  panels: I32,
  scores: I32,
  edge: I32,
): void {
  f.for(0, own.queryCount, blockRows, (query) => {
    const height = f.integer(i32.min(f.integer(i32.sub(own.queryCount, query)), f.integer(blockRows)));
    const begin = f.integer(i32.and(beginOf(own, query), -panelColumns));
    const end = f.integer(endOf(own, i32.sub(i32.add(query, height), 1)));
    const left = f.integer(i32.add(rows.address, i32.mul(query, rows.bytes)));
    const target = f.integer(i32.add(scores, i32.mul(query, own.scoreBytes)));
    f.for(begin, end, panelColumns, (key) => {
      const panel = i32.add(panels, i32.shl(i32.mul(key, size), 2));
      const place = i32.add(target, i32.shl(key, 2));
      f.call(panelProduct, left, rows.bytes, height, panel, size, place, own.scoreBytes, panelColumns, 0, 0, edge);
    });
  });
}

/** target (queries, size) = scores (queries, keys) times rows of keys in panels. */
export function sumOverKeys(
  f: FunctionBuilder,
  own: Sequence,
  size: Local<'i32'>,
  scores: I32,
  panels: I32,
  target: { address: I32; bytes: I32 },
  edge: I32,
): void {
  f.for(0, own.queryCount, blockRows, (query) => {
    const height = f.integer(i32.min(f.integer(i32.sub(own.queryCount, query)), f.integer(blockRows)));
    const begin = f.integer(beginOf(own, query));
    const inner = f.integer(i32.sub(endOf(own, i32.sub(i32.add(query, height), 1)), begin));
    const left = f.integer(i32.add(i32.add(scores, i32.mul(query, own.scoreBytes)), i32.shl(begin, 2)));
    const to = f.integer(i32.add(target.address, i32.mul(query, target.bytes)));
    f.for(0, size, panelColumns, (column) => {
      const panel = i32.add(panels, i32.shl(i32.add(i32.mul(column, own.count), i32.mul(begin, panelColumns)), 2));
      const place = i32.add(to, i32.shl(column, 2));
      const width = i32.sub(size, column);
      f.call(panelProduct, left, own.scoreBytes, height, panel, inner, place, target.bytes, width, 0, 0, edge);
    });
  });
}

/** target (keys, size) = scores transposed, (keys, queries), times rows of queries in panels, plus target where `accumulate`. */
export function sumOverQueries(
  f: FunctionBuilder,
  own: Sequence,
  size: Local<'i32'>,
  scores: { address: I32; bytes: I32 },
  panels: I32,
  target: { address: I32; bytes: I32 },
  accumulate: I32,
  edge: I32,
): void {
  const first = f.integer(0);
  const last = f.integer(0);
  f.for(0, own.count, blockRows, (key) => {
    const height = f.integer(i32.min(f.integer(i32.sub(own.count, key)), f.integer(blockRows)));
    // No query before `first` and none from `last` on sees any key of the block; where none does, the rows become zero.
    advance(f, first, own.queryCount, () => i32.lessOrEqual(endOf(own, first), key));
    f.set(last, i32.max(first, last));
    advance(f, last, own.queryCount, () => i32.less(beginOf(own, last), i32.add(key, height)));
    const left = f.integer(i32.add(i32.add(scores.address, i32.mul(key, scores.bytes)), i32.shl(first, 2)));
    const to = f.integer(i32.add(target.address, i32.mul(key, target.bytes)));
    const inner = f.integer(i32.sub(last, first));
    f.for(0, size, panelColumns, (column) => {
      const panel = i32.add(panels, i32.shl(i32.add(i32.mul(column, own.queryCount), i32.mul(first, panelColumns)), 2));
      const place = i32.add(to, i32.shl(column, 2));
      f.call(
        panelProduct,
        left,
        scores.bytes,
        height,
        panel,
        inner,
        place,
        target.bytes,
        i32.sub(size, column),
        0,
        accumulate,
        edge,
      );
    });
  });
}

/** Counts up while the condition holds and the index is below `end`. The condition is not asked at the end. */
function advance(f: FunctionBuilder, index: Local<'i32'>, end: Local<'i32'>, condition: () => I32): void {
  const going = f.integer(1);
  f.while(i32.and(going, i32.less(index, end)), () => {
    f.set(going, condition());
    f.increase(index, going);
  });
}

/** Writes one number into places `begin` up to `end` of a row. */
export function fill(f: FunctionBuilder, row: I32, begin: I32, end: I32, value: number): void {
  const from = f.integer(i32.add(row, i32.shl(begin, 2)));
  elements(f, f.integer(i32.sub(end, begin)), (at, { store }) => store(i32.add(from, at), splat(value)));
}

/** Zeros where a query does not see a key, to the end of the last panel. */
export function clearUnseen(f: FunctionBuilder, own: Sequence, row: Local<'i32'>, begin: Local<'i32'>, end: Local<'i32'>): void {
  fill(f, row, f.integer(0), begin, 0);
  fill(f, row, end, f.integer(i32.shr(own.scoreBytes, 2)), 0);
}
