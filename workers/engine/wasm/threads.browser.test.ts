import { expect, it } from 'vitest';
import { Heap } from './heap';
import { i32 } from './instructions';
import { defineKernel } from './kernel';
import { Threads } from './threads';

/** Adds one to word `part`, slowly enough for every thread to come by. */
const count = defineKernel('count', { words: 'i32', delay: 'i32' }, (f, { words, delay }, { part }) => {
  f.for(0, delay, 1, () => {});
  f.drop(i32.atomicAdd(i32.add(words, i32.shl(part, 2)), 1));
});

/** Writes each thread's scratch address. */
const where = defineKernel('where', { words: 'i32', delay: 'i32' }, (f, { words, delay }, { part, scratch }) => {
  f.for(0, delay, 1, () => {});
  f.storeInteger(i32.add(words, i32.shl(part, 2)), scratch);
});

it('runs every part of every job exactly once, however many threads share two processors', async () => {
  const heap = new Heap(true);
  const threads = await Threads.start(heap, [count, where], 4, { relaxedSimd: false });
  expect(threads.count).toBe(4);
  const words = heap.allocate(4 * 64);
  heap.integers(words, 64).fill(0);
  const expected = new Int32Array(64);
  for (let job = 0; job < 3000; job++) {
    const parts = 1 + ((job * 37) % 64);
    threads.call(count, parts, { words, delay: job % 3 === 0 ? 300 : 0 });
    for (let part = 0; part < parts; part++) expected[part]! += 1;
    if (job % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect([...heap.integers(words, 64)]).toEqual([...expected]);

  threads.reserveScratch(1_000_000);
  let addresses: number[] = [];
  // A busy machine may give the caller all parts of a job before another thread wakes.
  for (let tries = 0; tries < 100 && addresses.length < 2; tries++) {
    threads.call(where, 64, { words, delay: 100_000 });
    addresses = [...new Set(heap.integers(words, 64))].sort((a, b) => a - b);
  }
  expect(addresses.length).toBeGreaterThan(1);
  for (const [index, address] of addresses.slice(1).entries()) expect(address - addresses[index]!).toBeGreaterThanOrEqual(1e6);
  threads.dispose();
});

it('works alone where memory is not shared', async () => {
  const heap = new Heap(false);
  const threads = await Threads.start(heap, [count], 4, { relaxedSimd: false });
  expect(threads.count).toBe(1);
  const words = heap.allocate(16);
  heap.integers(words, 4).fill(0);
  threads.call(count, 3, { words, delay: 0 });
  expect([...heap.integers(words, 4)]).toEqual([1, 1, 1, 0]);
  threads.dispose();
});
