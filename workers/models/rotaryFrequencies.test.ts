import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rotaryFrequencies } from './rotaryFrequencies';

interface Recorded {
  head_dim: number;
  rope_parameters: Record<string, unknown>;
  inverse_frequencies: number[];
}

const recorded: { cases: Recorded[] } = JSON.parse(
  readFileSync(new URL('../testing/fixtures/reference/rope/llama3.json', import.meta.url), 'utf8'),
);

test.each(recorded.cases)('transformers’ frequencies, heads of $head_dim, $rope_parameters', (published) => {
  const { head_dim: headSize, rope_parameters: parameters, inverse_frequencies: expected } = published;
  const frequencies = rotaryFrequencies({ rope_parameters: parameters }, headSize);
  expect(frequencies.length).toBe(expected.length);
  expected.forEach((value, pair) => expect(Math.abs(frequencies[pair]! / value - 1), `pair ${pair}`).toBeLessThan(1e-6));
});
