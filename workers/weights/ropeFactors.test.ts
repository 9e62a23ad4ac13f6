import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { GgufMetadata } from './ggufMetadata';
import { llama3Divisors, ropeScalingOf } from './ropeFactors';

interface Recorded {
  head_dim: number;
  rope_parameters: { rope_theta: number; factor: number };
  inverse_frequencies: number[];
}

const recorded: { cases: Recorded[] } = JSON.parse(
  readFileSync(new URL('../testing/fixtures/reference/rope/llama3.json', import.meta.url), 'utf8'),
);

describe.each(recorded.cases)('Llama 3’s divisors, heads of $head_dim, $rope_parameters', (published) => {
  const { head_dim: headSize, rope_parameters: parameters, inverse_frequencies: frequencies } = published;
  const { rope_theta: theta, factor } = parameters;
  const plain = frequencies.map((_, pair) => theta ** ((-2 * pair) / headSize));

  test('give transformers’ frequencies', () => {
    const divisors = llama3Divisors(factor, theta, headSize);
    expect(divisors.length).toBe(frequencies.length);
    frequencies.forEach((frequency, pair) => {
      expect(Math.abs(plain[pair]! / divisors[pair]! / frequency - 1), `pair ${pair}`).toBeLessThan(1e-6);
    });
  });

  test('that transformers’ frequencies make lead back to the settings', () => {
    const metadata = new GgufMetadata(new Map([['llama.rope.freq_base', theta]]), 'model.gguf');
    const factors = Float32Array.from(plain, (frequency, pair) => frequency / frequencies[pair]!);
    // Files have the factor itself where a frequency is slowed down by all of it.
    factors[factors.length - 1] = factor;
    expect(ropeScalingOf({ metadata, architecture: 'llama', headSize, factors })).toEqual(parameters);
  });
});
