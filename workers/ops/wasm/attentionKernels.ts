import { defineFunction, type FunctionBuilder, type Local } from '../../engine/wasm/assembler';
import { f32, f32x4, f64, i32, v128, type I32 } from '../../engine/wasm/instructions';
import { defineKernel } from '../../engine/wasm/kernel';
import { panelColumns } from '../../engine/wasm/panels';
import { edgeBytes, panelProduct, tileRows } from './microkernel';
import { elements, exponential, splat, sumOf } from './vector';

/**
 * Attention of packed sequences. A part is one head of one sequence: its scores lie whole in the thread's scratch, and every
 * product is made by the same microkernel as the large ones, with hidden scores left out by whole blocks of rows.
 */

/** Integers of a sequence in the table of segments; see shared/segments.ts. */
export const segmentWords = 5;

/** Rows whose products share one bound on what they see. */
const blockRows = 4 * tileRows;

const rowKinds = {
  queries: 'i32',
  queryBytes: 'i32',
  keys: 'i32',
  values: 'i32',
  keyBytes: 'i32',
  segments: 'i32',
  heads: 'i32',
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

/** One head of one sequence, as locals. */
interface Head {
  first: Local<'i32'>;
  count: Local<'i32'>;
  firstQuery: Local<'i32'>;
  queryCount: Local<'i32'>;
  seen: Local<'i32'>;
  head: Local<'i32'>;
  /** Bytes of a row of scores: the keys, rounded up to whole panels. */
  scoreBytes: Local<'i32'>;
  /** Addresses of the head's first query, key and value. */
  query: Local<'i32'>;
  key: Local<'i32'>;
  value: Local<'i32'>;
  /** Byte offset of the head's columns within a row of one operand. */
  column: Local<'i32'>;
}

type RowValues = { readonly [Name in keyof typeof rowKinds]: Local<(typeof rowKinds)[Name]> };

function headOf(f: FunctionBuilder, values: RowValues, part: Local<'i32'>): Head {
  const segment = f.integer(i32.div(part, values.heads));
  const head = f.integer(i32.remainder(part, values.heads));
  const entry = f.integer(i32.add(values.segments, i32.mul(segment, 4 * segmentWords)));
  const [first, count, firstQuery, queryCount, seen] = [0, 1, 2, 3, 4].map((word) => f.integer(i32.load(entry, 4 * word)));
  if (!first || !count || !firstQuery || !queryCount || !seen) throw new Error('A segment has five words.');
  const column = f.integer(i32.shl(i32.mul(head, values.size), 2));
  const scoreBytes = f.integer(i32.shl(i32.and(i32.add(count, panelColumns - 1), -panelColumns), 2));
  const query = f.integer(i32.add(i32.add(values.queries, i32.mul(firstQuery, values.queryBytes)), column));
  const keyOffset = f.integer(i32.add(i32.mul(first, values.keyBytes), column));
  const key = f.integer(i32.add(values.keys, keyOffset));
  const value = f.integer(i32.add(values.values, keyOffset));
  return { first, count, firstQuery, queryCount, seen, head, scoreBytes, query, key, value, column };
}

/** What query `query` sees: so many keys. */
function visible(f: FunctionBuilder, { seen, count }: Head, query: I32): Local<'i32'> {
  return f.integer(i32.min(f.integer(i32.add(seen, query)), count));
}

/** scores (queries, keys) = rows (queries, size) times keys that lie in panels, as far as any row of a block sees. */
function scoreProduct(
  f: FunctionBuilder,
  own: Head,
  size: Local<'i32'>,
  rows: { address: I32; bytes: I32 },
  panels: I32,
  scores: I32,
  edge: I32,
): void {
  f.for(0, own.queryCount, blockRows, (query) => {
    const height = f.integer(i32.min(f.integer(i32.sub(own.queryCount, query)), f.integer(blockRows)));
    const end = visible(f, own, i32.sub(i32.add(query, height), 1));
    const left = f.integer(i32.add(rows.address, i32.mul(query, rows.bytes)));
    const target = f.integer(i32.add(scores, i32.mul(query, own.scoreBytes)));
    f.for(0, end, panelColumns, (key) => {
      const panel = i32.add(panels, i32.shl(i32.mul(key, size), 2));
      const place = i32.add(target, i32.shl(key, 2));
      f.call(panelProduct, left, rows.bytes, height, panel, size, place, own.scoreBytes, panelColumns, 0, 0, edge);
    });
  });
}

/** target (queries, size) = scores (queries, keys) times rows of keys in panels. */
function sumOverKeys(
  f: FunctionBuilder,
  own: Head,
  size: Local<'i32'>,
  scores: I32,
  panels: I32,
  target: { address: I32; bytes: I32 },
  edge: I32,
): void {
  f.for(0, own.queryCount, blockRows, (query) => {
    const height = f.integer(i32.min(f.integer(i32.sub(own.queryCount, query)), f.integer(blockRows)));
    const inner = visible(f, own, i32.sub(i32.add(query, height), 1));
    const left = f.integer(i32.add(scores, i32.mul(query, own.scoreBytes)));
    const to = f.integer(i32.add(target.address, i32.mul(query, target.bytes)));
    f.for(0, size, panelColumns, (column) => {
      const panel = i32.add(panels, i32.shl(i32.mul(column, own.count), 2));
      const place = i32.add(to, i32.shl(column, 2));
      const width = i32.sub(size, column);
      f.call(panelProduct, left, own.scoreBytes, height, panel, inner, place, target.bytes, width, 0, 0, edge);
    });
  });
}

/** target (keys, size) = scores transposed, (keys, queries), times rows of queries in panels. */
function sumOverQueries(
  f: FunctionBuilder,
  own: Head,
  size: Local<'i32'>,
  scores: { address: I32; bytes: I32 },
  panels: I32,
  target: { address: I32; bytes: I32 },
  edge: I32,
): void {
  f.for(0, own.count, blockRows, (key) => {
    const height = f.integer(i32.min(f.integer(i32.sub(own.count, key)), f.integer(blockRows)));
    // No earlier query sees any key of the block; where none does, the rows become zero.
    const begin = f.integer(i32.max(f.integer(i32.add(i32.sub(key, own.seen), 1)), f.integer(0)));
    const first = f.integer(i32.min(begin, own.queryCount));
    const left = f.integer(i32.add(i32.add(scores.address, i32.mul(key, scores.bytes)), i32.shl(first, 2)));
    const to = f.integer(i32.add(target.address, i32.mul(key, target.bytes)));
    const inner = f.integer(i32.sub(own.queryCount, first));
    f.for(0, size, panelColumns, (column) => {
      const panel = i32.add(panels, i32.shl(i32.add(i32.mul(column, own.queryCount), i32.mul(first, panelColumns)), 2));
      const place = i32.add(to, i32.shl(column, 2));
      f.call(panelProduct, left, scores.bytes, height, panel, inner, place, target.bytes, i32.sub(size, column), 0, 0, edge);
    });
  });
}

/** Zeros from number `begin` of a row on, to the end of its last panel. */
function clearRest(f: FunctionBuilder, own: Head, row: I32, begin: Local<'i32'>): void {
  const rest = f.integer(i32.add(row, i32.shl(begin, 2)));
  const count = f.integer(i32.sub(i32.shr(own.scoreBytes, 2), begin));
  elements(f, count, (at, { store }) => store(i32.add(rest, at), splat(0)));
}

/** out (queries, heads * size) and logSumExp (queries, heads). */
export const attend = defineKernel('attend', { ...rowKinds, out: 'i32', outBytes: 'i32' }, (f, values, { part, scratch }) => {
  const { size, scale, queryBytes, keyBytes, outBytes } = values;
  const own = headOf(f, values, part);
  const scores = f.integer(i32.add(scratch, edgeBytes));
  const panels = f.integer(i32.add(scores, i32.mul(own.queryCount, own.scoreBytes)));

  f.call(packRows, own.key, keyBytes, own.count, size, panels);
  scoreProduct(f, own, size, { address: own.query, bytes: queryBytes }, panels, scores, scratch);
  f.for(0, own.queryCount, 1, (query) => {
    const row = f.integer(i32.add(scores, i32.mul(query, own.scoreBytes)));
    const end = visible(f, own, query);
    const highest = f.float(f32.load(row));
    f.for(1, end, 1, (key) => f.set(highest, f32.max(highest, f32.load(i32.add(row, i32.shl(key, 2))))));
    f.set(highest, f32.mul(highest, scale));
    const sum = sumOf(f, end, (at, { load, store }) => {
      const place = f.integer(i32.add(row, at));
      const weight = f.vector(exponential(f, f32x4.sub(f32x4.mul(load(place), splat(scale)), splat(highest))));
      store(place, weight);
      return weight;
    });
    elements(f, end, (at, { load, store }) => store(i32.add(row, at), f32x4.div(load(i32.add(row, at)), splat(sum))));
    clearRest(f, own, row, end);
    const place = i32.add(i32.mul(i32.add(own.firstQuery, query), values.heads), own.head);
    const logSum = f32.add(highest, f32.demote(f.host('log', f64.promote(sum))));
    f.storeFloat(i32.add(values.logSumExp, i32.shl(place, 2)), logSum);
  });
  f.call(packColumns, own.value, keyBytes, own.count, size, panels);
  const address = f.integer(i32.add(i32.add(values.out, i32.mul(own.firstQuery, outBytes)), own.column));
  sumOverKeys(f, own, size, scores, panels, { address, bytes: outBytes }, scratch);
});

/** Gradients of queries, keys and values, laid out as these are. The scores are positive multiples of the scale. */
export const attendBackward = defineKernel(
  'attendBackward',
  { ...rowKinds, dout: 'i32', doutBytes: 'i32', dqueries: 'i32', dkeys: 'i32', dvalues: 'i32' },
  (f, values, { part, scratch }) => {
    const { size, scale, queryBytes, keyBytes, doutBytes } = values;
    const own = headOf(f, values, part);
    const scoresBytes = f.integer(i32.mul(own.queryCount, own.scoreBytes));
    const weights = f.integer(i32.add(scratch, edgeBytes));
    const gradients = f.integer(i32.add(weights, scoresBytes));
    const turned = f.integer(i32.add(gradients, scoresBytes));
    const turnedBytes = f.integer(i32.shl(own.queryCount, 2));
    const panels = f.integer(i32.add(turned, i32.mul(own.count, turnedBytes)));
    const dout = f.integer(i32.add(i32.add(values.dout, i32.mul(own.firstQuery, doutBytes)), own.column));

    f.call(packRows, own.key, keyBytes, own.count, size, panels);
    scoreProduct(f, own, size, { address: own.query, bytes: queryBytes }, panels, weights, scratch);
    f.call(packRows, own.value, keyBytes, own.count, size, panels);
    scoreProduct(f, own, size, { address: dout, bytes: doutBytes }, panels, gradients, scratch);
    f.for(0, own.queryCount, 1, (query) => {
      const weightRow = f.integer(i32.add(weights, i32.mul(query, own.scoreBytes)));
      const gradientRow = f.integer(i32.add(gradients, i32.mul(query, own.scoreBytes)));
      const end = visible(f, own, query);
      const place = i32.add(i32.mul(i32.add(own.firstQuery, query), values.heads), own.head);
      const logSum = f.float(f32.load(i32.add(values.logSumExp, i32.shl(place, 2))));
      const mean = sumOf(f, end, (at, { load, store }) => {
        const to = f.integer(i32.add(weightRow, at));
        const weight = f.vector(exponential(f, f32x4.sub(f32x4.mul(load(to), splat(scale)), splat(logSum))));
        store(to, weight);
        return f32x4.mul(weight, load(i32.add(gradientRow, at)));
      });
      elements(f, end, (at, { load, store }) => {
        const to = f.integer(i32.add(gradientRow, at));
        const made = f.vector(f32x4.mul(f32x4.sub(load(to), splat(mean)), splat(scale)));
        store(to, f32x4.mul(made, load(i32.add(weightRow, at))));
      });
      clearRest(f, own, weightRow, end);
      clearRest(f, own, gradientRow, end);
    });

    const keyOffset = f.integer(i32.add(i32.mul(own.first, keyBytes), own.column));
    const dquery = f.integer(i32.add(i32.add(values.dqueries, i32.mul(own.firstQuery, queryBytes)), own.column));
    f.call(packColumns, own.key, keyBytes, own.count, size, panels);
    sumOverKeys(f, own, size, gradients, panels, { address: dquery, bytes: queryBytes }, scratch);

    const turnedScores = { address: turned, bytes: turnedBytes };
    f.call(turn, gradients, own.scoreBytes, own.queryCount, own.count, turned, turnedBytes);
    f.call(packColumns, own.query, queryBytes, own.queryCount, size, panels);
    const dkey = { address: f.integer(i32.add(values.dkeys, keyOffset)), bytes: keyBytes };
    sumOverQueries(f, own, size, turnedScores, panels, dkey, scratch);

    f.call(turn, weights, own.scoreBytes, own.queryCount, own.count, turned, turnedBytes);
    f.call(packColumns, dout, doutBytes, own.queryCount, size, panels);
    const dvalue = { address: f.integer(i32.add(values.dvalues, keyOffset)), bytes: keyBytes };
    sumOverQueries(f, own, size, turnedScores, panels, dvalue, scratch);
  },
);

/** Bytes of scratch for one head of so many queries, keys and columns. */
export function attentionScratch(queries: number, keys: number, size: number): number {
  const padded = (count: number): number => panelColumns * Math.ceil(count / panelColumns);
  const scores = 2 * queries * padded(keys) + keys * queries;
  const panels = Math.max(padded(keys) * size, Math.max(keys, queries) * padded(size));
  return edgeBytes + 4 * (scores + panels);
}
