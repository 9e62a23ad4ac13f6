import { expect, it } from 'vitest';
import { fromFloat16, toFloat16 } from './float16';

it('gives every float16 back', () => {
  const halves = Uint16Array.from({ length: 65536 }, (_, index) => index).filter((half) => (half & 0x7fff) <= 0x7c00);
  expect(toFloat16(fromFloat16(halves))).toEqual(halves);
  expect(fromFloat16(Uint16Array.of(0x7e00))[0]).toBeNaN();
});

it('rounds to the nearest, ties to even, from denormals to infinity', () => {
  const cases: [number, number][] = [
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [1 + 2 ** -11 + 2 ** -20, 0x3c01],
    [-(2 ** -25), 0x8000],
    [2 ** -25 + 2 ** -40, 0x0001],
    [3 * 2 ** -25, 0x0002],
    [2 ** -14 - 2 ** -25, 0x0400],
    [65519, 0x7bff],
    [65520, 0x7c00],
    [-1e10, 0xfc00],
    [1e-30, 0],
  ];
  for (const [value, half] of cases) expect([value, toFloat16(Float32Array.of(value))[0]]).toEqual([value, half]);
  expect((toFloat16(Float32Array.of(Number.NaN))[0] ?? 0) & 0x7fff).toBeGreaterThan(0x7c00);
});
