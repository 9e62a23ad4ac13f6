import type * as tf from '@tensorflow/tfjs-core';
import type { OpDefinition, TfjsContext } from '../engine/op';
import { formatShape, matrix, requireEqual, ShapeError, type Dim, type Shape } from '../engine/shape';
import type { CachedAttentionAttributes } from './attributes';
import { cachedAttentionKernel } from './cachedAttention.kernel';
import { headSize } from './shared/cachedHeads';
import { firstInputs, sizes, vector } from './shared/inputs';

const name = 'cachedAttention';

/**
 * Attention of new tokens to those of earlier runs and to themselves: qkv (T, (heads + 2 kvHeads) size), columns q | k | v; cache
 * (rows, 2 kvHeads size), columns k | v; segmentOffsets (S + 1), rowSegments (T), places (S, 2) -> out (T, heads size), and the
 * cache with the new tokens' keys and values. Sequence s has its rows from places[s, 0] on, of which places[s, 1] are
 * filled; its new tokens follow those, and each sees all before it, `window` of them at most.
 */
export const cachedAttention: OpDefinition<CachedAttentionAttributes> = {
  name,
  backward: null,
  kernel: cachedAttentionKernel,

  inferShape(shapes, attributes) {
    const [qkv, cache, segmentOffsets, rowSegments, places] = firstInputs(shapes, 5, name);
    const [rows, columns] = matrix(qkv, `${name} qkv`);
    const size = headSize(columns, attributes);
    const [, width] = matrix(cache, `${name} cache`);
    requireEqual(width, 2 * attributes.kvHeads * size, 'The width of the cache and that of keys and values', [...shapes]);
    requireEqual(vector(rowSegments, `${name} rowSegments`), rows, 'The rows of qkv and the length of rowSegments', [...shapes]);
    vector(segmentOffsets, `${name} segmentOffsets`);
    requirePairs(places);
    return [[rows, attributes.heads * size], cache];
  },

  reference(inputs, shapes, attributes) {
    const [qkv, cache, segmentOffsets, , places] = firstInputs(inputs, 5, name);
    const { heads, kvHeads, scale } = attributes;
    const [rows, columns] = sizes(shapes, 0);
    const [, width] = sizes(shapes, 1);
    const size = headSize(columns, attributes);
    const kept = cache.slice();
    const out = new Float64Array(rows * heads * size);
    eachRow(segmentOffsets, places, (row, base, position) => {
      kept.set(qkv.subarray(row * columns + heads * size, (row + 1) * columns), (base + position) * width);
      const begin = firstVisible(position, attributes);
      for (let head = 0; head < heads; head++) {
        const keyAt = Math.floor(head / (heads / kvHeads)) * size;
        const scores = Array.from({ length: position + 1 - begin }, (_, index) => {
          let sum = 0;
          for (let at = 0; at < size; at++) {
            sum += qkv[row * columns + head * size + at]! * kept[(base + begin + index) * width + keyAt + at]!;
          }
          return sum * scale;
        });
        const highest = Math.max(...scores);
        const total = scores.reduce((sum, score) => sum + Math.exp(score - highest), 0);
        scores.forEach((score, index) => {
          const share = Math.exp(score - highest) / total;
          const from = (base + begin + index) * width + kvHeads * size + keyAt;
          for (let at = 0; at < size; at++) out[(row * heads + head) * size + at]! += share * kept[from + at]!;
        });
      }
    });
    return [out, kept];
  },

  tfjs(context, inputs, attributes) {
    const { tf, host } = context;
    const [qkv, cache] = firstInputs(inputs, 2, name);
    const [offsets, places] = [host('segmentOffsets'), host('places')];
    const outs: tf.Tensor[] = [];
    let kept: tf.Tensor = cache;
    for (let segment = 0; segment + 1 < offsets.length; segment++) {
      const own = { first: offsets[segment]!, count: offsets[segment + 1]! - offsets[segment]! };
      const place = { base: places[2 * segment]!, filled: places[2 * segment + 1]! };
      kept = appended(context, qkv, kept, own, place, attributes);
      outs.push(attended(context, qkv, kept, own, place, attributes));
    }
    return [tf.concat(outs), kept];
  },
};

interface Own {
  first: number;
  count: number;
}

interface Place {
  base: number;
  filled: number;
}

/** The cache with a sequence's new keys and values. */
function appended(
  { tf }: TfjsContext,
  qkv: tf.Tensor,
  cache: tf.Tensor,
  { first, count }: Own,
  { base, filled }: Place,
  attributes: CachedAttentionAttributes,
): tf.Tensor {
  const [rows = 0, width = 0] = cache.shape;
  const at = base + filled;
  const queries = attributes.heads * headSize(qkv.shape[1] ?? 0, attributes);
  const parts = [
    ...(at > 0 ? [tf.slice(cache, [0, 0], [at, width])] : []),
    tf.slice(qkv, [first, queries], [count, width]),
    ...(at + count < rows ? [tf.slice(cache, [at + count, 0], [rows - at - count, width])] : []),
  ];
  return tf.concat(parts);
}

/** A sequence's results `(count, heads size)`, head by head. */
function attended(
  { tf }: TfjsContext,
  qkv: tf.Tensor,
  cache: tf.Tensor,
  { first, count }: Own,
  { base, filled }: Place,
  attributes: CachedAttentionAttributes,
): tf.Tensor {
  const { heads, kvHeads, scale, window } = attributes;
  const size = headSize(qkv.shape[1] ?? 0, attributes);
  const length = filled + count;
  const mask = tf.tensor2d(
    Float32Array.from({ length: count * length }, (_, index) => {
      const [position, key] = [filled + Math.floor(index / length), index % length];
      return key <= position && (window === null || key > position - window) ? 0 : -1e9;
    }),
    [count, length],
  );
  const results = Array.from({ length: heads }, (_, head) => {
    const kvHead = Math.floor(head / (heads / kvHeads));
    const query = tf.slice(qkv, [first, head * size], [count, size]);
    const keys = tf.slice(cache, [base, kvHead * size], [length, size]);
    const values = tf.slice(cache, [base, (kvHeads + kvHead) * size], [length, size]);
    const scores = tf.add(tf.mul(tf.matMul(query, tf.transpose(keys)), scale), mask);
    return tf.matMul(tf.softmax(scores), values);
  });
  return tf.concat(results, 1);
}

/** Each new row with its sequence's first cache row and its position. */
function eachRow(
  segmentOffsets: ArrayLike<number>,
  places: ArrayLike<number>,
  body: (row: number, base: number, position: number) => void,
): void {
  for (let segment = 0; segment + 1 < segmentOffsets.length; segment++) {
    const first = segmentOffsets[segment]!;
    for (let row = first; row < segmentOffsets[segment + 1]!; row++) {
      body(row, places[2 * segment]!, places[2 * segment + 1]! + row - first);
    }
  }
}

function firstVisible(position: number, { window }: CachedAttentionAttributes): number {
  return window === null ? 0 : Math.max(0, position + 1 - window);
}

function requirePairs(places: Shape): void {
  const [, two]: readonly (Dim | undefined)[] = places;
  if (places.length !== 2 || two !== 2) {
    throw new ShapeError(`${name} places must be pairs (sequences, 2), not ${formatShape(places)}.`);
  }
}
