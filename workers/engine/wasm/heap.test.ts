import { expect, it } from 'vitest';
import { Heap } from './heap';

it('hands out blocks that do not overlap, and the same bytes again once they are released', () => {
  const heap = new Heap(false);
  const [a, b, c] = [1000, 300, 5000].map((sizeBytes) => heap.allocate(sizeBytes));
  if (a === undefined || b === undefined || c === undefined) throw new Error('Three blocks were asked for.');
  expect(b).toBeGreaterThanOrEqual(a + 1000);
  expect(c).toBeGreaterThanOrEqual(b + 300);
  heap.release(a);
  heap.release(b);
  // Both holes have become one.
  expect(heap.allocate(1400)).toBe(a);
  heap.release(a);
  heap.release(c);
  expect(heap.usedBytes).toBe(0);
  expect(() => heap.release(c)).toThrow('No block');
});

it.each([false, true])('grows, and keeps what was written; shared %s', (shared) => {
  const heap = new Heap(shared);
  const first = heap.allocate(16);
  heap.floats(first, 4).set([1, 2, 3, 4]);
  const large = heap.allocate(40_000_000);
  heap.floats(large, 10_000_000).fill(7);
  expect([...heap.floats(first, 4)]).toEqual([1, 2, 3, 4]);
  expect(heap.floats(large + 39_999_996, 1)[0]).toBe(7);
  expect(heap.integers(first, 1)[0]).toBe(0x3f800000);
});

it('says what could not be had', () => {
  expect(() => new Heap(false).allocate(5e9)).toThrow(expect.objectContaining({ code: 'device/out-of-memory' }));
});
