import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { float32FromFloat16 } from '../api/float16';
import { dequantise, wordCount } from '../engine/quantisedBlocks';
import { packBlocks } from '../files/packBlocks';
import { readSafetensors } from '../files/safetensorsData';

const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`fixtures/reference/quant/${name}`, import.meta.url)));
const { tensors } = readSafetensors(fixture('quant.safetensors'));

describe('ggml blocks taken over as the engine’s', () => {
  test.each([
    ['Q8_0', 'int8', 34],
    ['Q4_0', 'int4', 18],
    ['Q4_1', 'int4', 20],
  ] as const)('%s as %s: the same numbers', (name, format, blockBytes) => {
    const bytes = fixture(`${name}.bin`);
    const expected = tensors.get(`dequantised.${name}`)!.values;
    for (const blocks of [bytes.length / blockBytes, 5, 1]) {
      const packed = packBlocks(name, bytes.subarray(0, blocks * blockBytes))!;
      expect([packed.format, packed.length, packed.words.length]).toEqual([format, 32 * blocks, wordCount(format, blocks)]);
      // Zeros may differ in sign: the sum of 8 scales and -8 scales is +0.
      expect([...dequantise(packed)].map((value) => value + 0)).toEqual(
        [...expected.subarray(0, 32 * blocks)].map((value) => value + 0),
      );
    }
  });

  test('others are not, nor is a scale whose minimum float16 does not hold', () => {
    expect(packBlocks('Q5_0', fixture('Q5_0.bin'))).toBeNull();
    const block = new Uint8Array(18);
    for (let bits = 0; bits < 1 << 16; bits += 7) {
      block.set([bits & 255, bits >>> 8]);
      const scale = float32FromFloat16(bits);
      const packed = packBlocks('Q4_0', block);
      // Nibbles of zero stand for -8 scales; the largest float16 is 65504.
      if (packed) expect(dequantise(packed)[0]! + 0, String(bits)).toBe(-8 * scale + 0);
      else expect(Math.abs(8 * scale) <= 65504, String(bits)).toBe(false);
    }
  });
});
