import type { FunctionBuilder, Local } from '../../engine/wasm/assembler';
import { f32, f32x4, i32, type I32 } from '../../engine/wasm/instructions';
import { defineKernel, type WasmOp } from '../../engine/wasm/kernel';
import type { CachedAttentionAttributes } from '../attributes';
import { headSize } from '../shared/cachedHeads';
import { operand, result } from '../shared/operands';
import { sizesOf } from './lowRank';
import { elements, exponential, madd, splat, sumOf } from './vector';

const copyKinds = { source: 'i32', target: 'i32', count: 'i32' } as const;

const copyNumbers = defineKernel('copyNumbers', copyKinds, (f, { source, target, count }) => {
  elements(f, count, (at, { load, store }) => store(i32.add(target, at), load(i32.add(source, at))));
});

const appendKinds = {
  qkv: 'i32',
  rowBytes: 'i32',
  queryBytes: 'i32',
  kept: 'i32',
  width: 'i32',
  rows: 'i32',
  places: 'i32',
} as const;

/** A part is a row: its keys and values go to row places[row] of the cache. */
const append = defineKernel('appendToCache', appendKinds, (f, { qkv, rowBytes, queryBytes, kept, width, places }, { part }) => {
  const from = f.integer(i32.add(i32.add(qkv, i32.mul(part, rowBytes)), queryBytes));
  const place = i32.load(i32.add(places, i32.shl(part, 2)));
  const to = f.integer(i32.add(kept, i32.shl(i32.mul(place, width), 2)));
  elements(f, width, (at, { load, store }) => store(i32.add(to, at), load(i32.add(from, at))));
});

const attendKinds = {
  qkv: 'i32',
  rowBytes: 'i32',
  kept: 'i32',
  width: 'i32',
  out: 'i32',
  heads: 'i32',
  kvHeads: 'i32',
  size: 'i32',
  scale: 'f32',
  spans: 'i32',
} as const;

/** A part is a row and a head, which sees the rows spans[2 row] up to spans[2 row + 1] of the cache. */
const attendToCache = defineKernel('attendToCache', attendKinds, (f, values, { part, scratch }) => {
  const { qkv, rowBytes, kept, width, out, heads, kvHeads, size } = values;
  const row = f.integer(i32.div(part, heads));
  const head = f.integer(i32.remainder(part, heads));
  const span = f.integer(i32.add(values.spans, i32.shl(row, 3)));
  const begin = f.integer(i32.load(span));
  const count = f.integer(i32.sub(i32.load(span, 4), begin));
  const sizeBytes = f.integer(i32.shl(size, 2));
  const widthBytes = f.integer(i32.shl(width, 2));
  const query = f.integer(i32.add(i32.add(qkv, i32.mul(row, rowBytes)), i32.mul(head, sizeBytes)));
  const kvHead = f.integer(i32.div(head, f.integer(i32.div(heads, kvHeads))));
  const key = f.integer(i32.add(i32.add(kept, i32.mul(begin, widthBytes)), i32.mul(kvHead, sizeBytes)));
  const value = f.integer(i32.add(key, i32.mul(kvHeads, sizeBytes)));
  const highest = f.float(f32.convert(f.integer(-0x7fffffff)));
  f.for(0, count, 1, (index) => {
    const score = scored(f, query, key, size);
    f.set(score, f32.mul(score, values.scale));
    f.set(highest, f32.max(highest, score));
    f.storeFloat(i32.add(scratch, i32.shl(index, 2)), score);
    f.increase(key, widthBytes);
  });
  const total = sumOf(f, count, (at, { load, store }) => {
    const share = f.vector(exponential(f, f32x4.sub(load(i32.add(scratch, at)), splat(highest))));
    store(i32.add(scratch, at), share);
    return share;
  });
  const to = f.integer(i32.add(out, i32.mul(part, sizeBytes)));
  elements(f, size, (at, { store }) => store(i32.add(to, at), splat(0)));
  f.for(0, count, 1, (index) => {
    const share = f.float(f32.div(f32.load(i32.add(scratch, i32.shl(index, 2))), total));
    elements(f, size, (at, { load, store }) => {
      const place = f.integer(i32.add(to, at));
      store(place, madd(f, load(i32.add(value, at)), splat(share), load(place)));
    });
    f.increase(value, widthBytes);
  });
});

function scored(f: FunctionBuilder, query: Local<'i32'>, key: Local<'i32'>, size: I32 & Local<'i32'>): Local<'f32'> {
  return sumOf(f, size, (at, { load }) => f32x4.mul(load(i32.add(query, at)), load(i32.add(key, at))));
}

export const cachedAttentionWasm: WasmOp<CachedAttentionAttributes> = {
  kernels: [copyNumbers, append, attendToCache],
  run(context, attributes) {
    const { node, address, batch, table, call } = context;
    const [qkv, cache, kept] = [operand(node, 0), operand(node, 1), result(node, 1)];
    const [rows, columns] = sizesOf(context, qkv);
    const [cacheRows, width] = sizesOf(context, cache);
    const { heads, kvHeads, scale } = attributes;
    const size = headSize(columns, attributes);
    if (address(cache) !== address(kept)) {
      call(copyNumbers, 1, { source: address(cache), target: address(kept), count: cacheRows * width });
    }
    const { places, spans, longest } = spansOf(batch.inputs, attributes);
    const rowBytes = 4 * columns;
    const queryBytes = 4 * heads * size;
    const shared = { qkv: address(qkv), rowBytes, kept: address(kept), width };
    call(append, rows, { ...shared, queryBytes, rows, places: table(places) });
    context.reserveScratch(4 * longest + 16);
    call(attendToCache, rows * heads, {
      ...shared,
      out: address(result(node, 0)),
      heads,
      kvHeads,
      size,
      scale,
      spans: table(spans),
    });
  },
};

/** For each new row its place in the cache, and the rows of the cache that it sees. */
function spansOf(
  inputs: Readonly<Record<string, Int32Array>>,
  { window }: CachedAttentionAttributes,
): { places: Int32Array; spans: Int32Array; longest: number } {
  const { segmentOffsets: offsets, places: pairs } = inputs;
  if (!offsets || !pairs) throw new Error('The batch has no segmentOffsets or no places.');
  const places: number[] = [];
  const spans: number[] = [];
  let longest = 0;
  for (let segment = 0; segment + 1 < offsets.length; segment++) {
    const [base, filled] = [pairs[2 * segment]!, pairs[2 * segment + 1]!];
    for (let row = offsets[segment]!; row < offsets[segment + 1]!; row++) {
      const position = filled + row - offsets[segment]!;
      const hidden = window === null ? 0 : Math.max(0, position + 1 - window);
      places.push(base + position);
      spans.push(base + hidden, base + position + 1);
      longest = Math.max(longest, position + 1 - hidden);
    }
  }
  return { places: Int32Array.from(places), spans: Int32Array.from(spans), longest };
}
