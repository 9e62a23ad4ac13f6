import type { FunctionBuilder, Local } from '../../engine/wasm/assembler';
import { f32, f32x4, f64, i32, type I32 } from '../../engine/wasm/instructions';
import { defineKernel } from '../../engine/wasm/kernel';
import { panelColumns } from '../../engine/wasm/panels';
import type { Segment } from '../shared/segments';
import { packColumns, packRows, turn } from './attentionPanels';
import {
  beginOf,
  clearUnseen,
  endOf,
  fill,
  queryAddress,
  rowKinds,
  scoreProduct,
  seenWords,
  sequenceOf,
  sumOverKeys,
  sumOverQueries,
  type RowValues,
  type Sequence,
} from './attentionProducts';
import { edgeBytes } from './microkernel';
import { elements, exponential, splat, sumOf } from './vector';

/**
 * Attention of packed sequences. A part is one head of one sequence: its scores lie whole in the thread's scratch, and every
 * product is made by the same microkernel as the large ones, with hidden scores left out by whole blocks of rows.
 */

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
