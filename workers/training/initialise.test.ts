import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ParameterLayout } from '../engine/parameters';
import { initialParameters } from './initialise';

interface Fixture {
  cases: {
    in_features: number;
    out_features: number;
    r: number;
    theoretical_bound: number;
    theoretical_std: number;
    observed_abs_max_B: number;
  }[];
}
const fixture: Fixture = JSON.parse(
  readFileSync(new URL('../testing/fixtures/reference/init/init.json', import.meta.url), 'utf8'),
);

describe('initialParameters', () => {
  it.each(fixture.cases)(
    'draws lora_A as PEFT does: in $in_features, r $r',
    ({ in_features, out_features, r, theoretical_bound, theoretical_std }) => {
      const layout = new ParameterLayout();
      layout.slice('m.lora_A.weight', [r, in_features]);
      layout.slice('m.lora_B.weight', [out_features, r]);
      layout.slice('m.lora_magnitude_vector', [out_features, 1]);
      layout.slice('score.weight', [3, 4096]);
      const tensors = layout.unpack(initialParameters(layout, 7, 0.02));
      const a = tensors.get('m.lora_A.weight') ?? new Float32Array();
      const sorted = Float64Array.from(a).sort();
      expect(Math.max(-(sorted[0] ?? 0), sorted.at(-1) ?? 0)).toBeLessThanOrEqual(theoretical_bound * (1 + 1e-6));
      // Kolmogorov-Smirnov distance to the uniform distribution; 1.95 / sqrt(n) is its 0.1 % point.
      const distance = Math.max(
        ...sorted.map((value, index) => Math.abs((value / theoretical_bound + 1) / 2 - (index + 0.5) / sorted.length)),
      );
      expect(distance).toBeLessThan(1.95 / Math.sqrt(sorted.length));
      expect(Math.abs(deviation(a) / theoretical_std - 1)).toBeLessThan(5 / Math.sqrt(a.length));
      for (const zero of ['m.lora_B.weight', 'm.lora_magnitude_vector']) {
        expect(tensors.get(zero)?.every((value) => value === 0)).toBe(true);
      }
      expect(Math.abs(deviation(tensors.get('score.weight') ?? a) / 0.02 - 1)).toBeLessThan(0.05);
    },
  );

  it('takes over the base model’s values of what is trained as a whole', () => {
    const layout = new ParameterLayout();
    layout.placeUndecayed('ln_f.weight', [3, 1]);
    layout.slice('m.lora_A.weight', [8, 64]);
    const copies = new Map([['ln_f.weight', Float32Array.of(1, 2, 3)]]);
    const tensors = layout.unpack(initialParameters(layout, 1, 0.02, copies));
    expect(tensors.get('ln_f.weight')).toEqual(Float32Array.of(1, 2, 3));
    expect(layout.unpack(initialParameters(layout, 1, 0.02)).get('m.lora_A.weight')).toEqual(tensors.get('m.lora_A.weight'));
  });

  it('repeats with its seed and differs with another', () => {
    const layout = new ParameterLayout();
    layout.slice('m.lora_A.weight', [8, 64]);
    expect(initialParameters(layout, 1, 0.02)).toEqual(initialParameters(layout, 1, 0.02));
    expect(initialParameters(layout, 1, 0.02)).not.toEqual(initialParameters(layout, 2, 0.02));
  });
});

function deviation(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
