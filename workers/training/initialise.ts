import type { ParameterLayout } from '../engine/parameters';
import { RandomStream } from './random';

const zeroAtFirst = /\.(lora_B\.weight|lora_magnitude_vector)$/;

/**
 * The parameters before the first step, as PEFT and transformers start them: lora_A uniform in ±1/sqrt(in), lora_B zero,
 * the new head normal with `initializerRange`; DoRA's magnitudes, which the weights decide, zero (see `magnitudes.ts`). Each
 * tensor has a stream of its own.
 * @param copies what tensors that are trained as a whole start from, by the adapter's names
 */
export function initialParameters(
  layout: ParameterLayout,
  seed: number,
  initializerRange: number,
  copies: ReadonlyMap<string, Float32Array> = new Map(),
): Float32Array {
  const tensors = new Map<string, Float32Array>(copies);
  for (const [name, [rows, columns]] of layout.tensors()) {
    if (copies.has(name)) continue;
    const random = new RandomStream(seed, name);
    const values = new Float32Array(rows * columns);
    if (name.endsWith('.lora_A.weight')) {
      const bound = 1 / Math.sqrt(columns);
      for (let index = 0; index < values.length; index++) values[index] = (2 * random.uniform() - 1) * bound;
    } else if (!zeroAtFirst.test(name)) {
      for (let index = 0; index < values.length; index++) values[index] = random.normal() * initializerRange;
    }
    tensors.set(name, values);
  }
  return layout.pack(tensors);
}
