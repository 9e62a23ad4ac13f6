import { defineFunction, type FunctionBuilder, type Local } from '../../engine/wasm/assembler';
import { f32, f32x4, f64, i32, v128, type I32 } from '../../engine/wasm/instructions';
import { defineKernel } from '../../engine/wasm/kernel';
import { panelColumns } from '../../engine/wasm/panels';
import type { Segment } from '../shared/segments';
import { edgeBytes, panelProduct, tileRows } from './microkernel';
import { elements, exponential, splat, sumOf } from './vector';

/**
 * Attention of packed sequences. A part is one head of one sequence: its scores lie whole in the thread's scratch, and every
 * product is made by the same microkernel as the large ones, with hidden scores left out by whole blocks of rows.
 */

/** Integers of a sequence in the table of segments: first, count, firstQuery and queryCount of shared/segments.ts. */
const segmentWords = 4;

/** Integers of a query in the table of what is seen: the first key, one past the last, and what is hidden in between. */
const seenWords = 4;

/** Rows whose products share one bound on what they see. */
const blockRows = 4 * tileRows;

const rowKinds = {
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

const packParameters = ['i32', 'i32', 'i32', 'i32', 'i32'] as const;

/** Rows (rows, columns), rowBytes apart, as panels: each takes eight columns. Parameters: source, rowBytes, rows, columns, target. */
const packColumns = defineFunction('packColumns', packParameters, (f, [source, rowBytes, rows, columns, target]) => {
  f.for(0, columns, panelColumns, (first) => {
    const from = f.integer(i32.add(source, i32.shl(first, 2)));
    const width = f.integer(i32.sub(columns, first));
    f.for(0, rows, 1, () => {
      f.if(
        i32.greaterOrEqual(width, panelColumns),
        () => [0, 16].forEach((offset) => f.store(target, v128.load(from, offset), offset)),
        () => {
          for (const offset of [0, 16]) f.store(target, v128.zero, offset);
          elements(f, width, (at, { load, store }) => store(i32.add(target, at), load(i32.add(from, at))));
        },
      );
      f.increase(from, rowBytes);
      f.increase(target, 4 * panelColumns);
    });
  });
});

/** The same rows transposed, (columns, rows), as panels: each takes eight rows. */
const packRows = defineFunction('packRows', packParameters, (f, [source, rowBytes, rows, columns, target]) => {
  f.for(0, rows, panelColumns, (first) => {
    const height = f.integer(i32.sub(rows, first));
    f.for(0, panelColumns, 1, (row) => {
      const from = f.integer(i32.add(source, i32.mul(i32.add(first, row), rowBytes)));
      const to = f.integer(i32.add(target, i32.shl(row, 2)));
      f.if(
        i32.less(row, height),
        () =>
          f.for(0, columns, 1, () => {
            f.storeFloat(to, f32.load(from));
            f.increase(from, 4);
            f.increase(to, 4 * panelColumns);
          }),
        () =>
          f.for(0, columns, 1, () => {
            f.storeFloat(to, 0);
            f.increase(to, 4 * panelColumns);
          }),
      );
    });
    f.set(target, i32.add(target, i32.mul(columns, 4 * panelColumns)));
  });
});

/** target (columns, rows) = source (rows, columns) transposed. Parameters: source, its row's bytes, rows, columns, target, its row's bytes. */
const turn = defineFunction(
  'turn',
  ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
  (f, [source, rowBytes, rows, columns, target, targetBytes]) => {
    f.for(0, columns, 1, (column) => {
      const from = f.integer(i32.add(source, i32.shl(column, 2)));
      const to = f.integer(i32.add(target, i32.mul(column, targetBytes)));
      f.for(0, rows, 1, () => {
        f.storeFloat(to, f32.load(from));
        f.increase(from, rowBytes);
        f.increase(to, 4);
      });
    });
  },
);

/** One sequence, as locals, and a head of its keys. */
interface Sequence {
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

type RowValues = { readonly [Name in keyof typeof rowKinds]: Local<(typeof rowKinds)[Name]> };

function sequenceOf(f: FunctionBuilder, values: RowValues, segment: I32, keyHead: I32): Sequence {
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
function queryAddress(values: RowValues, { firstQuery }: Sequence, operand: I32, rowBytes: I32, head: I32): I32 {
  return i32.add(i32.add(operand, i32.mul(firstQuery, rowBytes)), columnOf(values, head));
}

/** The first key that a query sees, and one past the last. */
function beginOf({ seen }: Sequence, query: I32): I32 {
  return i32.load(i32.add(seen, i32.shl(query, 4)));
}

function endOf({ seen }: Sequence, query: I32): I32 {
  return i32.load(i32.add(seen, i32.shl(query, 4)), 4);
}

/** scores (queries, keys) = rows (queries, size) times keys that lie in panels, as far as any row of a block sees; whole panels. */
function scoreProduct(
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
function sumOverKeys(
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
function sumOverQueries(
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
function fill(f: FunctionBuilder, row: I32, begin: I32, end: I32, value: number): void {
  const from = f.integer(i32.add(row, i32.shl(begin, 2)));
  elements(f, f.integer(i32.sub(end, begin)), (at, { store }) => store(i32.add(from, at), splat(value)));
}

/** Zeros where a query does not see a key, to the end of the last panel. */
function clearUnseen(f: FunctionBuilder, own: Sequence, row: Local<'i32'>, begin: Local<'i32'>, end: Local<'i32'>): void {
  fill(f, row, f.integer(0), begin, 0);
  fill(f, row, end, f.integer(i32.shr(own.scoreBytes, 2)), 0);
}

/** Below every score; its exponential is 0 beside that of any. */
const hiddenScore = -1e30;

/** out (queries, heads * size) and logSumExp (queries, heads). A part is a head of queries of one sequence. */
export const attend = defineKernel('attend', { ...rowKinds, out: 'i32', outBytes: 'i32' }, (f, values, { part, scratch }) => {
  const { size, scale, queryBytes, keyBytes, outBytes } = values;
  const head = f.integer(i32.remainder(part, values.heads));
  const own = sequenceOf(f, values, i32.div(part, values.heads), i32.div(head, values.sharing));
  const scores = f.integer(i32.add(scratch, edgeBytes));
  const panels = f.integer(i32.add(scores, i32.mul(own.queryCount, own.scoreBytes)));
  const query = f.integer(queryAddress(values, own, values.queries, queryBytes, head));

  f.call(packRows, i32.add(values.keys, own.keyOffset), keyBytes, own.count, size, panels);
  scoreProduct(f, own, size, { address: query, bytes: queryBytes }, panels, scores, scratch);
  f.for(0, own.queryCount, 1, (query) => {
    const row = f.integer(i32.add(scores, i32.mul(query, own.scoreBytes)));
    const begin = f.integer(beginOf(own, query));
    const end = f.integer(endOf(own, query));
    const hidden = i32.add(own.seen, i32.shl(query, 4));
    const hiddenBegin = f.integer(i32.load(hidden, 8));
    const hiddenEnd = f.integer(i32.load(hidden, 12));
    fill(f, row, hiddenBegin, hiddenEnd, hiddenScore);
    const visible = f.integer(i32.add(row, i32.shl(begin, 2)));
    const count = f.integer(i32.sub(end, begin));
    const highest = f.float(f32.load(visible));
    f.for(1, count, 1, (key) => f.set(highest, f32.max(highest, f32.load(i32.add(visible, i32.shl(key, 2))))));
    f.set(highest, f32.mul(highest, scale));
    const sum = sumOf(f, count, (at, { load, store }) => {
      const place = f.integer(i32.add(visible, at));
      const weight = f.vector(exponential(f, f32x4.sub(f32x4.mul(load(place), splat(scale)), splat(highest))));
      store(place, weight);
      return weight;
    });
    elements(f, count, (at, { load, store }) => {
      store(i32.add(visible, at), f32x4.div(load(i32.add(visible, at)), splat(sum)));
    });
    clearUnseen(f, own, row, begin, end);
    fill(f, row, hiddenBegin, hiddenEnd, 0);
    const place = i32.add(i32.mul(i32.add(own.firstQuery, query), values.heads), head);
    const logSum = f32.add(highest, f32.demote(f.host('log', f64.promote(sum))));
    f.storeFloat(i32.add(values.logSumExp, i32.shl(place, 2)), logSum);
  });
  f.call(packColumns, i32.add(values.values, own.keyOffset), keyBytes, own.count, size, panels);
  const address = f.integer(queryAddress(values, own, values.out, outBytes, head));
  sumOverKeys(f, own, size, scores, panels, { address, bytes: outBytes }, scratch);
});

/**
 * Gradients of queries, keys and values, laid out as these are. A part is a head of keys of one sequence, with the heads of
 * queries that it serves one after another. The scores are positive multiples of the scale.
 */
export const attendBackward = defineKernel(
  'attendBackward',
  { ...rowKinds, dout: 'i32', doutBytes: 'i32', dqueries: 'i32', dkeys: 'i32', dvalues: 'i32' },
  (f, values, { part, scratch }) => {
    const { size, scale, sharing, queryBytes, keyBytes, doutBytes } = values;
    const keyHeads = f.integer(i32.div(values.heads, sharing));
    const keyHead = f.integer(i32.remainder(part, keyHeads));
    const own = sequenceOf(f, values, i32.div(part, keyHeads), keyHead);
    const key = f.integer(i32.add(values.keys, own.keyOffset));
    const value = f.integer(i32.add(values.values, own.keyOffset));
    const scoresBytes = f.integer(i32.mul(own.queryCount, own.scoreBytes));
    const weights = f.integer(i32.add(scratch, edgeBytes));
    const gradients = f.integer(i32.add(weights, scoresBytes));
    const turned = f.integer(i32.add(gradients, scoresBytes));
    const turnedBytes = f.integer(i32.shl(own.queryCount, 2));
    const panels = f.integer(i32.add(turned, i32.mul(own.count, turnedBytes)));
    const dkey = { address: f.integer(i32.add(values.dkeys, own.keyOffset)), bytes: keyBytes };
    const dvalue = { address: f.integer(i32.add(values.dvalues, own.keyOffset)), bytes: keyBytes };
    const turnedScores = { address: turned, bytes: turnedBytes };

    f.for(0, sharing, 1, (member) => {
      const head = f.integer(i32.add(i32.mul(keyHead, sharing), member));
      const query = f.integer(queryAddress(values, own, values.queries, queryBytes, head));
      const dout = f.integer(queryAddress(values, own, values.dout, doutBytes, head));
      const dquery = f.integer(queryAddress(values, own, values.dqueries, queryBytes, head));
      f.call(packRows, key, keyBytes, own.count, size, panels);
      scoreProduct(f, own, size, { address: query, bytes: queryBytes }, panels, weights, scratch);
      f.call(packRows, value, keyBytes, own.count, size, panels);
      scoreProduct(f, own, size, { address: dout, bytes: doutBytes }, panels, gradients, scratch);
      softmaxBackward(f, own, { values, head, weights, gradients, scale });

      f.call(packColumns, key, keyBytes, own.count, size, panels);
      sumOverKeys(f, own, size, gradients, panels, { address: dquery, bytes: queryBytes }, scratch);

      f.call(turn, gradients, own.scoreBytes, own.queryCount, own.count, turned, turnedBytes);
      f.call(packColumns, query, queryBytes, own.queryCount, size, panels);
      sumOverQueries(f, own, size, turnedScores, panels, dkey, member, scratch);

      f.call(turn, weights, own.scoreBytes, own.queryCount, own.count, turned, turnedBytes);
      f.call(packColumns, dout, doutBytes, own.queryCount, size, panels);
      sumOverQueries(f, own, size, turnedScores, panels, dvalue, member, scratch);
    });
  },
);

/** Scores become probabilities, and the gradients of these those of the scores. */
function softmaxBackward(
  f: FunctionBuilder,
  own: Sequence,
  {
    values,
    head,
    weights,
    gradients,
    scale,
  }: { values: RowValues; head: I32; weights: I32; gradients: I32; scale: Local<'f32'> },
): void {
  f.for(0, own.queryCount, 1, (query) => {
    const weightRow = f.integer(i32.add(weights, i32.mul(query, own.scoreBytes)));
    const gradientRow = f.integer(i32.add(gradients, i32.mul(query, own.scoreBytes)));
    const begin = f.integer(beginOf(own, query));
    const end = f.integer(endOf(own, query));
    const count = f.integer(i32.sub(end, begin));
    const from = f.integer(i32.add(weightRow, i32.shl(begin, 2)));
    const gradientFrom = f.integer(i32.add(gradientRow, i32.shl(begin, 2)));
    const place = i32.add(i32.mul(i32.add(own.firstQuery, query), values.heads), head);
    const logSum = f.float(f32.load(i32.add(values.logSumExp, i32.shl(place, 2))));
    const mean = sumOf(f, count, (at, { load, store }) => {
      const to = f.integer(i32.add(from, at));
      const weight = f.vector(exponential(f, f32x4.sub(f32x4.mul(load(to), splat(scale)), splat(logSum))));
      store(to, weight);
      return f32x4.mul(weight, load(i32.add(gradientFrom, at)));
    });
    elements(f, count, (at, { load, store }) => {
      const to = f.integer(i32.add(gradientFrom, at));
      const made = f.vector(f32x4.mul(f32x4.sub(load(to), splat(mean)), splat(scale)));
      store(to, f32x4.mul(made, load(i32.add(from, at))));
    });
    clearUnseen(f, own, weightRow, begin, end);
    clearUnseen(f, own, gradientRow, begin, end);
  });
}

/** Bytes of scratch for one head of so many queries, keys and columns. */
export function attentionScratch(queries: number, keys: number, size: number): number {
  const padded = (count: number): number => panelColumns * Math.ceil(count / panelColumns);
  const scores = 2 * queries * padded(keys) + keys * queries;
  const panels = Math.max(padded(keys) * size, Math.max(keys, queries) * padded(size));
  return edgeBytes + 4 * (scores + panels);
}

/** The table of segments and that of what queries see; queries ascend from segment to segment. */
export function attentionTables(segments: readonly Segment[]): { segments: Int32Array; seen: Int32Array } {
  const words = segments.flatMap(({ first, count, firstQuery, queryCount }) => [first, count, firstQuery, queryCount]);
  const queries = segments.reduce((sum, { queryCount }) => sum + queryCount, 0);
  const seen = new Int32Array(queries * seenWords);
  for (const { firstQuery, queryCount, begins, ends, hidden } of segments) {
    for (let query = 0; query < queryCount; query++) {
      const at = (firstQuery + query) * seenWords;
      seen[at] = begins[query]!;
      seen[at + 1] = ends[query]!;
      if (hidden) seen.set(hidden.subarray(2 * query, 2 * query + 2), at + 2);
    }
  }
  return { segments: Int32Array.from(words), seen };
}
