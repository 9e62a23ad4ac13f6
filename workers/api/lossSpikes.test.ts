import { describe, expect, it } from 'vitest';
import { isLossSpike, recentCount } from './lossSpikes';

/** Losses of a run that goes well: falling, with the noise of small batches. */
function falling(steps: number, noise: number): number[] {
  let seed = 7;
  return Array.from({ length: steps }, (_, step) => {
    seed = (seed * 48271) % 2147483647;
    return 0.3 + 0.9 * Math.exp(-step / 80) + noise * (seed / 2147483647 - 0.5);
  });
}

function spikesOf(losses: readonly number[]): number[] {
  return losses.flatMap((loss, at) => (isLossSpike(loss, losses.slice(Math.max(0, at - recentCount), at)) ? [at] : []));
}

describe('a loss spike', () => {
  it('is none of the ups and downs of a run that goes well', () => {
    expect(spikesOf(falling(500, 0.2))).toEqual([]);
    expect(spikesOf(falling(500, 0.4))).toEqual([]);
  });

  it('is a loss that jumps far out of the last ones, once while it stays there', () => {
    const losses = falling(300, 0.2);
    losses[200] = 6.1;
    expect(spikesOf(losses)).toEqual([200]);
    expect(spikesOf(losses.map((loss, at) => (at < 200 ? loss : 5 + loss)))).toEqual([200]);
  });

  it('is not called among the first steps, nor where the loss is no number', () => {
    expect(spikesOf([1, 1, 1, 9, 1])).toEqual([]);
    expect(isLossSpike(Number.NaN, falling(64, 0.2))).toBe(false);
  });
});
