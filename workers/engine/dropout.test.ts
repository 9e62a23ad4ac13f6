import { describe, expect, it } from 'vitest';
import { dropoutKey, dropoutMask, mix } from './dropout';

describe('dropout', () => {
  it('mixes 32 bits as lowbias32 does', () => {
    // Values of the published constants, computed with 64-bit integers.
    const byHand = (value: number): number => {
      let x = BigInt(value);
      x = ((x ^ (x >> 16n)) * 0x7feb352dn) & 0xffffffffn;
      x = ((x ^ (x >> 15n)) * 0x846ca68bn) & 0xffffffffn;
      return Number(x ^ (x >> 16n));
    };
    for (const value of [0, 1, 2, 255, 65536, 0x7fffffff, 0x80000000, 0xffffffff]) expect(mix(value)).toBe(byHand(value));
  });

  it('keeps the share it should and scales what it keeps', () => {
    for (const probability of [0.05, 0.1, 0.5, 0.9]) {
      const mask = dropoutMask(42, 3, probability, 400, 250);
      const kept = mask.reduce((count, factor) => count + (factor > 0 ? 1 : 0), 0) / mask.length;
      // Five standard deviations of a binomial share.
      expect(Math.abs(kept - (1 - probability))).toBeLessThan(5 * Math.sqrt((probability * (1 - probability)) / mask.length));
      expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / (1 - probability))]));
    }
  });

  it('draws unrelated masks for other sites and seeds, and the same one again', () => {
    const mask = dropoutMask(1, 0, 0.5, 100, 100);
    expect(dropoutMask(1, 0, 0.5, 100, 100)).toEqual(mask);
    for (const other of [dropoutMask(1, 1, 0.5, 100, 100), dropoutMask(2, 0, 0.5, 100, 100)]) {
      const agreement = mask.reduce((count, factor, index) => count + (factor === other[index] ? 1 : 0), 0) / mask.length;
      expect(Math.abs(agreement - 0.5)).toBeLessThan(0.03);
    }
    expect(dropoutKey(1, 0)).not.toBe(dropoutKey(0, 1));
  });

  it('keeps all at probability 0', () => {
    expect(dropoutMask(9, 9, 0, 7, 5).every((factor) => factor === 1)).toBe(true);
  });
});
