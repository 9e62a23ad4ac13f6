import { expect, test } from 'vitest';
import { sinceWords } from './sinceWords';

const minute = 60_000;
test.each([
  [0, 'now'],
  [minute, 'now'],
  [12 * minute, '12 min ago'],
  [60 * minute, '1 h ago'],
  [23.9 * 60 * minute, '23 h ago'],
  [25 * 60 * minute, 'yesterday'],
  [5.5 * 24 * 60 * minute, '5 days ago'],
])('%d ms: %s', (elapsedMs, words) => expect(sinceWords(1e12, 1e12 + elapsedMs)).toBe(words));
