import { describe, expect, it } from 'vitest';
import { limits } from '../limits';
import { InflationGuard } from './inflationGuard';

const mebibyte = 1024 ** 2;

describe('what is unpacked', () => {
  it('is stopped by its total, however well its ratio looks', () => {
    const guard = new InflationGuard('total.gz', limits);
    for (let taken = 0; taken < limits.inflatedBytes; taken += 64 * mebibyte) guard.add(64 * mebibyte, taken / 2 + mebibyte);
    expect(() => guard.add(1, limits.inflatedBytes)).toThrow(
      expect.objectContaining({ code: 'data/bad-archive', message: expect.stringContaining('1 GiB') }),
    );
  });

  it('is stopped by its ratio, but not over a little', () => {
    const guard = new InflationGuard('ratio.gz', limits);
    guard.add(limits.ratioFreeBytes, 10);
    expect(() => guard.add(1, 10)).toThrow(
      expect.objectContaining({ code: 'data/bad-archive', message: expect.stringContaining('250 times') }),
    );
  });
});
