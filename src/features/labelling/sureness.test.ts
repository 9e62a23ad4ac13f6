import { describe, expect, it } from 'vitest';
import { rowsBelow, usualLimit } from './sureness';

const evenly = Array.from({ length: 101 }, (_, percent) => (percent < 50 ? 0 : 2));

describe('sureness', () => {
  it('counts the rows under a limit', () => {
    expect([0, 50, 51, 100, 101].map((limit) => rowsBelow(evenly, limit))).toEqual([0, 0, 2, 100, 102]);
  });

  it('begins with a limit under which about a tenth lies', () => {
    expect(usualLimit(evenly)).toBe(60);
    expect(usualLimit([...new Array<number>(100).fill(0), 7])).toBe(95);
    expect(usualLimit([7, ...new Array<number>(100).fill(0)])).toBe(5);
  });
});
