import { describe, expect, it } from 'vitest';
import { greedy, Sampler, type SamplingSettings } from './sampling';

const drawn: SamplingSettings = { ...greedy, doSample: true, seed: 7 };

function counts(settings: SamplingSettings, logits: readonly number[], before: readonly number[] = []): number[] {
  const sampler = new Sampler(settings, 0);
  const found = logits.map(() => 0);
  for (let index = 0; index < 20_000; index++) found[sampler.next(Float32Array.from(logits), before)]! += 1;
  return found.map((count) => count / 20_000);
}

/** 20,000 draws: three standard deviations are at most 0.011. */
function expectShares(actual: readonly number[], expected: readonly number[]): void {
  expected.forEach((share, token) => {
    if (share === 0) expect(actual[token]).toBe(0);
    else expect(Math.abs((actual[token] ?? 0) - share)).toBeLessThan(0.011);
  });
}

const logits = [Math.log(0.5), Math.log(0.25), Math.log(0.15), Math.log(0.1)];

describe('the next token', () => {
  it('is the likeliest, and the first of several', () => {
    expect(new Sampler(greedy, 0).next(Float32Array.of(1, 3, 3), [])).toBe(1);
  });

  it('is drawn by its probability', () => expectShares(counts(drawn, logits), [0.5, 0.25, 0.15, 0.1]));

  it('is flatter with a higher temperature', () => {
    const roots = [0.5, 0.25, 0.15, 0.1].map(Math.sqrt);
    const sum = roots.reduce((total, root) => total + root, 0);
    expectShares(
      counts({ ...drawn, temperature: 2 }, logits),
      roots.map((root) => root / sum),
    );
  });

  it('is one of the top k', () => expectShares(counts({ ...drawn, topK: 2 }, logits), [2 / 3, 1 / 3, 0, 0]));

  it('is one of those that reach top p together', () => {
    expectShares(counts({ ...drawn, topP: 0.7 }, logits), [2 / 3, 1 / 3, 0, 0]);
    // The token that crosses the line is kept, as by transformers.
    expectShares(counts({ ...drawn, topP: 0.76 }, logits), [0.5 / 0.9, 0.25 / 0.9, 0.15 / 0.9, 0]);
    expectShares(counts({ ...drawn, topP: 0.01 }, logits), [1, 0, 0, 0]);
  });

  it('is penalised where it stands already, towards less whatever its sign', () => {
    const penalised = { ...greedy, repetitionPenalty: 2 };
    expect(new Sampler(penalised, 0).next(Float32Array.of(3, 2), [0])).toBe(1);
    expect(new Sampler(penalised, 0).next(Float32Array.of(-1, -1.5), [0])).toBe(1);
  });

  it('depends on the seed and the text alone', () => {
    const draws = (seed: number, text: number): number[] => {
      const sampler = new Sampler({ ...drawn, seed }, text);
      return Array.from({ length: 20 }, () => sampler.next(Float32Array.from(logits), []));
    };
    expect(draws(1, 2)).toEqual(draws(1, 2));
    expect(draws(1, 2)).not.toEqual(draws(1, 3));
    expect(draws(1, 2)).not.toEqual(draws(2, 2));
  });

  it('refuses settings that make no sense', () => {
    expect(() => new Sampler({ ...drawn, temperature: 0 }, 0)).toThrow('temperature');
    expect(() => new Sampler({ ...drawn, topP: 0 }, 0)).toThrow('top_p');
    expect(() => new Sampler({ ...drawn, topK: -1 }, 0)).toThrow('top_k');
  });
});
