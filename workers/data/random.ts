/** Separate streams of one seed, so that a new draw in one place does not shift another. */
export const randomStreams = { split: 1, order: 2, bootstrap: 3, generation: 4 } as const;

/**
 * Random 32-bit numbers from a seed: a Weyl sequence (the counter times an odd constant) whose values are mixed by two rounds of
 * xor-shift and multiplication, which spread each input bit over all output bits. The same on every machine: `Math.imul` and shifts only.
 * Not for secrets.
 */
export function createRandom(seed: number, ...streams: readonly number[]): () => number {
  let state = mix(seed >>> 0);
  for (const stream of streams) state = mix((state ^ mix((stream + 0x7f4a7c15) >>> 0)) >>> 0);
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    return mix(state);
  };
}

function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x21f0aaad);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** A whole number from 0 to `count` - 1. */
export function drawBelow(random: () => number, count: number): number {
  return Math.floor((random() / 2 ** 32) * count);
}

/** Fisher and Yates, in place. */
export function shuffle(values: Int32Array, random: () => number): Int32Array {
  for (let last = values.length - 1; last > 0; last -= 1) {
    const other = drawBelow(random, last + 1);
    const kept = values[last]!;
    values[last] = values[other]!;
    values[other] = kept;
  }
  return values;
}
