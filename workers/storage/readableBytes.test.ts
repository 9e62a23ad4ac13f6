import { expect, test } from 'vitest';
import { readableBytes } from './readableBytes';

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1 KB'],
  [1_840, '1.8 KB'],
  [548_105_171, '548 MB'],
  [10_780_616, '11 MB'],
  [3_422_777_000, '3.4 GB'],
  [13_480_000_000_000, '13 TB'],
])('%d is %s', (sizeBytes, words) => expect(readableBytes(sizeBytes)).toBe(words));
