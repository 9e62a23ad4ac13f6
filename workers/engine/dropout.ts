/**
 * The dropout mask: a counter-based generator, so that backward recomputes what forward drew. Element `index` of
 * site `site` is kept when the upper 24 bits of its hash reach `dropoutThreshold(p)`. WGSL has the same functions, bit for bit.
 */

/** A full-period mix of 32 bits (two multiply-xorshift rounds; constants of Wellons' lowbias32). */
export function mix(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b) >>> 0;
  return (x ^ (x >>> 16)) >>> 0;
}

/** The key of one dropout site in one micro-batch. */
export function dropoutKey(seed: number, site: number): number {
  return mix((seed ^ Math.imul(site + 1, 0x9e3779b9)) >>> 0);
}

/** p as a count of 2^24. */
export function dropoutThreshold(probability: number): number {
  return Math.floor(probability * 0x1000000);
}

export function isKept(key: number, index: number, threshold: number): boolean {
  return mix((mix(index ^ key) + key) >>> 0) >>> 8 >= threshold;
}

/** Mask times 1 / (1 - p): 0 or that factor, `(rows, columns)` row-major. */
export function dropoutMask(seed: number, site: number, probability: number, rows: number, columns: number): Float32Array {
  const key = dropoutKey(seed, site);
  const threshold = dropoutThreshold(probability);
  const factor = Math.fround(1 / (1 - probability));
  const mask = new Float32Array(rows * columns);
  for (let index = 0; index < mask.length; index++) mask[index] = isKept(key, index, threshold) ? factor : 0;
  return mask;
}
