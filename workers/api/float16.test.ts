import { describe, expect, test } from 'vitest';
import {
  float16Bits,
  float32FromBfloat16,
  float32FromFloat16,
  fromBfloat16Array,
  fromFloat16Array,
  toFloat16Array,
} from './float16';

/** The definition of binary16, in plain arithmetic. */
function valueByDefinition(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

describe('float16', () => {
  test('all 65,536 patterns expand to the value of the definition and round back to themselves', () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, half) => half);
    const values = fromFloat16Array(halves);
    const back = toFloat16Array(values);
    for (let half = 0; half < 65536; half++) {
      const wanted = valueByDefinition(half);
      if (Number.isNaN(wanted)) {
        expect(values[half]).toBeNaN();
        expect(Number.isNaN(valueByDefinition(back[half]!))).toBe(true);
      } else if (!Object.is(values[half], wanted) || back[half] !== half || !Object.is(float32FromFloat16(half), wanted)) {
        expect.fail(`pattern ${half}: expanded to ${values[half]} instead of ${wanted}, rounded back to ${back[half]}`);
      }
    }
  });

  test('between any two neighbours the nearer is taken, and the even one on a tie', () => {
    for (let half = 0; half < 0x7bff; half++) {
      const low = valueByDefinition(half);
      const high = valueByDefinition(half + 1);
      const middle = (low + high) / 2;
      const nudge = (high - low) / 8;
      const even = half % 2 === 0 ? half : half + 1;
      const met = [middle - nudge, middle, middle + nudge, -middle].map(float16Bits);
      const wanted = [half, even, half + 1, even | 0x8000];
      if (met.join() !== wanted.join()) expect.fail(`around ${middle}: ${met.join()} instead of ${wanted.join()}`);
    }
  });

  test('the edges: overflow, underflow, infinities, signed zero, NaN with a small payload', () => {
    expect(float16Bits(65519.99)).toBe(0x7bff);
    expect(float16Bits(65520)).toBe(0x7c00);
    expect(float16Bits(-1e30)).toBe(0xfc00);
    expect(float16Bits(2 ** -25)).toBe(0);
    expect(float16Bits(2 ** -25 * 1.001)).toBe(1);
    expect(float16Bits(-0)).toBe(0x8000);
    expect(float16Bits(Infinity)).toBe(0x7c00);
    const signalling = new Float32Array(new Uint32Array([0x7f800001]).buffer);
    expect(toFloat16Array(signalling)[0]! & 0x7fff).toBeGreaterThan(0x7c00);
  });

  test('bfloat16 is the upper half of a float32', () => {
    expect(float32FromBfloat16(0x3f80)).toBe(1);
    expect(float32FromBfloat16(0xc049)).toBe(-3.140625);
    expect([...fromBfloat16Array(Uint16Array.of(0x3f80, 0x0001, 0xff80))]).toEqual([1, 2 ** -133, -Infinity]);
  });
});
