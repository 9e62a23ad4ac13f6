import { expect, test } from 'vitest';
import { writeSafetensors } from '../files/safetensorsData';
import { hashWeights } from './hashWeights';
import { openSafetensors } from './safetensorsWeights';
import { localSource } from './sources';

const tensors = Object.fromEntries(
  ['a', 'b'].map((name, index) => [name, Float32Array.from({ length: 6000 }, (_, at) => at + index)]),
);
const bytes = writeSafetensors(new Map(Object.entries(tensors).map(([name, values]) => [name, { shape: [60, 100], values }])));
const name = 'model.safetensors';

/** Of the file with one byte changed, `fromEnd` bytes before its end. */
async function hashed(fromEnd: number | null, wholeBytes?: number): Promise<string | null> {
  const changed = new Uint8Array(bytes);
  if (fromEnd !== null) changed[changed.length - fromEnd]! ^= 1;
  const source = localSource([new File([changed], name)]);
  return hashWeights(source, await openSafetensors(source, [name], null, undefined), wholeBytes);
}

test('every byte of a small model counts', async () => {
  const hash = await hashed(null);
  expect(hash).toMatch(/^[0-9a-f]{32}$/);
  expect(await hashed(null)).toBe(hash);
  for (const fromEnd of [1, 5000, 24_000, 24_001, 48_000]) expect(await hashed(fromEnd)).not.toBe(hash);
});

test('of a large one the beginning, the middle and the end of each tensor count', async () => {
  const wholeBytes = 40_000;
  const hash = await hashed(null, wholeBytes);
  expect(await hashed(null, wholeBytes)).toBe(hash);
  // Two tensors of 24,000 bytes, the second one last.
  for (const fromEnd of [1, 4000, 12_000, 23_999, 24_001, 36_000, 47_999])
    expect(await hashed(fromEnd, wholeBytes)).not.toBe(hash);
  expect(await hashed(7000, wholeBytes)).toBe(hash);
});

test('what a server has is not read for it', async () => {
  const source = localSource([new File([new Uint8Array(bytes)], name)]);
  const weights = await openSafetensors(source, [name], null, undefined);
  expect(await hashWeights({ onDisk: () => null }, weights)).toBeNull();
});
