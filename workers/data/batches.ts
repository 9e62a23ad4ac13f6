import { createRandom, randomStreams, shuffle } from './random';

/** A new order of `count` examples for each epoch (counted from 0), as Trainer's random sampler draws one; decided by the seed alone. */
export function epochOrder(count: number, seed: number, epoch: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  return shuffle(order, createRandom(seed, randomStreams.order, epoch));
}

/** Consecutive pieces of `order`; the last is kept though it may be smaller. They are views, not copies. */
export function batchesOf(order: Int32Array, size: number): Int32Array[] {
  if (!Number.isInteger(size) || size < 1)
    throw new RangeError(`A batch of ${size} examples was asked for; it must be a whole number from 1.`);
  return Array.from({ length: Math.ceil(order.length / size) }, (_, index) => order.subarray(index * size, (index + 1) * size));
}
