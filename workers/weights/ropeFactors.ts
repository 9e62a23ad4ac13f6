import { TuneletError } from '../api/errors';
import type { GgufMetadata } from './ggufMetadata';

/** What of Llama 3's published configurations is the same in all of them. */
const llama3 = { low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 } as const;

/**
 * `rope_parameters` as config.json has them. A GGUF file of a Llama 3.1 or later holds not its scaling's settings but the divisors
 * that come of them, one for each pair of numbers of a head; the settings are found again and checked against every divisor.
 * @throws TuneletError 'model/unsupported' for a scaling that is neither none, linear nor Llama 3's
 */
export function ropeScalingOf(inputs: {
  metadata: GgufMetadata;
  architecture: string;
  headSize: number;
  factors: Float32Array | null;
}): Record<string, unknown> {
  const { metadata, architecture, headSize, factors } = inputs;
  const own = (key: string) => `${architecture}.rope.${key}`;
  const theta = decimal(metadata.number(own('freq_base')) ?? 10_000);
  const type = metadata.text(own('scaling.type')) ?? 'none';
  const linear = metadata.number(own('scaling.factor')) ?? metadata.number(own('scale_linear')) ?? 1;
  if (factors !== null) {
    const factor = llama3Factor(factors, theta, headSize);
    if (factor !== null && type === 'none') return { rope_type: 'llama3', rope_theta: theta, factor, ...llama3 };
    throw unsupported(metadata.fileName, 'divisors that are not those of Llama 3');
  }
  if (type !== 'none' && type !== 'linear') throw unsupported(metadata.fileName, `the type “${type.slice(0, 40)}”`);
  return linear === 1
    ? { rope_type: 'default', rope_theta: theta }
    : { rope_type: 'linear', rope_theta: theta, factor: decimal(linear) };
}

/**
 * Divisors of the angles' frequencies (transformers, modeling_rope_utils.py): 1 for short wavelengths, `factor` for long ones,
 * and between them what interpolates the frequencies.
 */
export function llama3Divisors(factor: number, theta: number, headSize: number): Float32Array {
  const { low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: positions } = llama3;
  return Float32Array.from({ length: headSize / 2 }, (_, pair) => {
    const wavelength = 2 * Math.PI * theta ** ((2 * pair) / headSize);
    if (wavelength < positions / high) return 1;
    if (wavelength > positions / low) return factor;
    const smooth = (positions / wavelength - low) / (high - low);
    return 1 / ((1 - smooth) / factor + smooth);
  });
}

function llama3Factor(factors: Float32Array, theta: number, headSize: number): number | null {
  const factor = factors.at(-1) ?? 0;
  if (factors.length !== headSize / 2 || !Number.isFinite(factor) || factor < 1) return null;
  const expected = llama3Divisors(factor, theta, headSize);
  return factors.every((value, pair) => Math.abs(value - expected[pair]!) <= 1e-3 * expected[pair]!) ? factor : null;
}

function decimal(value: number): number {
  return Number(value.toPrecision(7));
}

function unsupported(fileName: string, what: string): TuneletError {
  return new TuneletError(
    'model/unsupported',
    `${fileName} scales its positions by ${what}; none, linear and Llama 3’s scaling are read.`,
    'Choose a model without such scaling.',
    { file: fileName },
  );
}
