import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float16Bits, float32FromFloat16 } from '../api/float16';
import { blockSize, copyBlocks, dequantise, emptyRows, quantise, setBlock, wordCount, type BlockFormat } from './quantisedBlocks';
import { bytesHeld, bytesPerNumber, heldAs } from './weightStorage';
import type { Value, WeightStorage } from './graph';

const formats: BlockFormat[] = ['int8', 'int4'];
const steps = { int8: 127, int4: 15 };

/** Float32 numbers of one sign or both, of any size up to `largest`, many of them zeros of either sign. */
function numbers(largest: number): fc.Arbitrary<Float32Array> {
  const limit = Math.fround(largest);
  const number = fc.oneof(
    { weight: 6, arbitrary: fc.float({ min: -limit, max: limit, noNaN: true, noDefaultInfinity: true }) },
    { weight: 3, arbitrary: fc.float({ min: -1, max: 1, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(0, -0, 2 ** -149, -(2 ** -25)) },
  );
  const shifted = fc
    .tuple(fc.array(number, { minLength: blockSize, maxLength: blockSize }), fc.constantFrom(1, 2 ** -10, 2 ** -24, 2 ** -60))
    .map(([block, scale]) => block.map((value) => value * scale));
  const constant = number.map((value) => Array.from({ length: blockSize }, () => value));
  return fc
    .array(fc.oneof({ weight: 5, arbitrary: shifted }, { weight: 1, arbitrary: constant }), { minLength: 1, maxLength: 5 })
    .map((blocks) => Float32Array.from(blocks.flat()));
}

/** What the documentation of `quantise` allows for a block. */
function boundOf(format: BlockFormat, block: Float32Array): number {
  const [low, high] = [Math.min(...block), Math.max(...block)];
  // The minimum is a float16 that is not above the lowest number: below it by a step at most.
  const range = format === 'int8' ? Math.max(-low, high) : high - low + Math.abs(low) * 2 ** -10 + 2 ** -24;
  const scale = (range / steps[format]) * (1 + 2 ** -11) + 2 ** -24;
  // The sum of an int4 is rounded to float32.
  return scale / 2 + Math.max(-low, high) * 2 ** -23;
}

describe.each(formats)('%s', (format) => {
  it('errs by no more than half a scale', () => {
    fc.assert(
      fc.property(numbers(60_000), (values) => {
        const found = dequantise(quantise(format, values));
        for (let begin = 0; begin < values.length; begin += blockSize) {
          const block = values.subarray(begin, begin + blockSize);
          const bound = boundOf(format, block);
          block.forEach((value, at) => expect(Math.abs(found[begin + at]! - value)).toBeLessThanOrEqual(bound));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('keeps every finite number finite, of its sign or zero', () => {
    fc.assert(
      fc.property(numbers(3.4e38), (values) => {
        const found = dequantise(quantise(format, values));
        expect(found.every(Number.isFinite)).toBe(true);
        if (format === 'int8') found.forEach((value, at) => expect(value * values[at]!).toBeGreaterThanOrEqual(0));
      }),
    );
  });

  it('keeps zeros, and constants as well as a float16 would', () => {
    expect([...dequantise(quantise(format, new Float32Array(blockSize).fill(-0)))].every((value) => value === 0)).toBe(true);
    for (const constant of [1, -0.3, 1e-6, 3e-8, -5e-7, 60_000]) {
      const found = dequantise(quantise(format, new Float32Array(blockSize).fill(constant)));
      const gap = Math.abs(found[7]! - constant);
      expect(gap).toBeLessThanOrEqual(Math.abs(constant) * 2 ** -10 + 2 ** -25);
      expect(new Set(found).size).toBe(1);
    }
  });

  it('refuses what is not finite, and rows that are no blocks', () => {
    for (const bad of [Number.NaN, Infinity, -Infinity]) {
      const values = new Float32Array(2 * blockSize);
      values[40] = bad;
      expect(() => quantise(format, values)).toThrow('numbers 32 to 64');
    }
    expect(() => quantise(format, new Float32Array(33))).toThrow('33 numbers do not divide into blocks of 32');
  });

  it('takes blocks over bit for bit, wherever they are copied', () => {
    const [lowest, highest] = format === 'int8' ? [-128, 127] : [0, 15];
    const half = fc.integer({ min: 0, max: 0xffff }).filter((bits) => (bits & 0x7c00) !== 0x7c00);
    const block = fc.record({
      numbers: fc.array(fc.integer({ min: lowest, max: highest }), { minLength: blockSize, maxLength: blockSize }),
      scale: half,
      minimum: format === 'int4' ? half : fc.constant(0),
    });
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 6 }), fc.integer({ min: 0, max: 3 }), (given, shift) => {
        const rows = emptyRows(format, given.length * blockSize);
        given.forEach(({ numbers: whole, scale, minimum }, at) => setBlock(rows, at, whole, scale, minimum));
        const expected = given.flatMap(({ numbers: whole, scale, minimum }) =>
          whole.map((number) => Math.fround(number * float32FromFloat16(scale) + float32FromFloat16(minimum))),
        );
        // A zero's sign is lost in a sum.
        expect([...dequantise(rows)].map((value) => value + 0)).toEqual(expected.map((value) => value + 0));
        const moved = emptyRows(format, (given.length + shift) * blockSize);
        copyBlocks(rows, 0, moved, shift, given.length);
        expect(dequantise(moved, shift * blockSize)).toEqual(dequantise(rows));
        expect([...dequantise(moved, 0, shift * blockSize)].every((value) => value === 0)).toBe(true);
      }),
    );
  });

  it('gives any part of the rows', () => {
    const values = Float32Array.from({ length: 5 * blockSize }, (_, at) => Math.sin(at));
    const rows = quantise(format, values);
    expect(dequantise(rows, 37, 131)).toEqual(dequantise(rows).slice(37, 131));
    expect(dequantise(rows, 64, 64).length).toBe(0);
  });
});

it('lays int8 out in pairs of blocks with both scales behind them, int4 block by block', () => {
  const bytes = emptyRows('int8', 64);
  setBlock(bytes, 0, [1, -2, 3, -128, ...Array<number>(28).fill(0)], 0x3c00);
  setBlock(bytes, 1, [...Array<number>(31).fill(0), 5], 0x4000);
  expect([bytes.words.length, bytes.words[0], bytes.words[15], bytes.words[16]]).toEqual([
    17, 0x8003fe01, 0x05000000, 0x40003c00,
  ]);
  const nibbles = emptyRows('int4', 32);
  setBlock(nibbles, 0, [1, 2, 3, 4, 5, 6, 7, 8, ...Array<number>(23).fill(0), 15], 0x3c00, 0xc800);
  expect([...nibbles.words]).toEqual([0x87654321, 0, 0, 0xf0000000, 0xc8003c00]);
  expect([...dequantise(nibbles, 0, 3)]).toEqual([-7, -6, -5]);
});

it('loses about as much as GGUF’s formats of these sizes: the usual error of normal weights', () => {
  let state = 1;
  const uniform = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const values = Float32Array.from(
    { length: 32 * 500 },
    () => 0.02 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
  const error = (format: BlockFormat): number => {
    const found = dequantise(quantise(format, values));
    return Math.sqrt(values.reduce((sum, value, at) => sum + (value - found[at]!) ** 2, 0) / values.length) / 0.02;
  };
  // A block's largest magnitude is 2.4 deviations or so, its range 4.1: a step over the square root of 12.
  expect(error('int8')).toBeCloseTo(2.4 / 127 / Math.sqrt(12), 3);
  expect(error('int4')).toBeCloseTo(4.1 / 15 / Math.sqrt(12), 2);
});

describe('storage', () => {
  const weight = (shape: number[], storage: WeightStorage, columns: [number, number] | null = null): Value => ({
    id: 0,
    label: 'w',
    shape,
    type: 'f32',
    role: { kind: 'weight', tensor: 'w', columns, storage },
  });

  it('is what was asked for where a matrix divides into blocks', () => {
    expect(heldAs(weight([3, 64], 'int8'))).toBe('int8');
    expect(heldAs(weight([3, 64], 'int4', [32, 96]))).toBe('int4');
    expect(heldAs(weight([3, 65], 'int4'))).toBe('float16');
    expect(heldAs(weight([3, 64], 'int8', [16, 80]))).toBe('float16');
    expect(heldAs(weight([3, 65], 'float32'))).toBe('float32');
    expect(heldAs(weight([64], 'int8'))).toBe('float32');
  });

  it('counts bytes with scales', () => {
    for (const storage of ['float32', 'float16', 'int8', 'int4'] as const) {
      expect(bytesHeld(storage, 4096)).toBe(4096 * bytesPerNumber[storage]);
    }
    expect(bytesHeld('int8', 32)).toBe(4 * wordCount('int8', 1));
    expect(float16Bits(1)).toBe(0x3c00);
  });
});
