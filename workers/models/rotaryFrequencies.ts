import { badConfig, excerpt, number, settingsOf, unsupported, type Json } from './configValues';

/**
 * Radians a position for each pair of a head, theta^(-2i / headSize), as config.json asks for them: `rope_parameters`, or the
 * older `rope_theta` and `rope_scaling`; rope types default, linear and llama3. Rounded to float32 as transformers keeps them.
 * @throws TuneletError 'model/unsupported' for another rope type, by name, or 'model/bad-config'
 */
export function rotaryFrequencies(settings: Json, headSize: number): number[] {
  const parameters = parametersOf(settings);
  const theta = number(parameters, 'rope_theta', 10_000, 0, 1e12);
  if (number(parameters, 'partial_rotary_factor', 1, 0, 1) !== 1) {
    throw unsupported('partial_rotary_factor is not 1: only some columns of a head are rotated', {
      partial_rotary_factor: excerpt(parameters['partial_rotary_factor']),
    });
  }
  const plain = Array.from({ length: headSize / 2 }, (_, pair) => theta ** ((-2 * pair) / headSize));
  return plain.map(scalingOf(parameters)).map(Math.fround);
}

/** One object, whichever way the file has it. */
function parametersOf(settings: Json): Json {
  const given = settings['rope_parameters'] ?? settings['rope_scaling'] ?? {};
  const own = settingsOf(given);
  if (Object.values(own).some((value) => typeof value === 'object' && value !== null && !Array.isArray(value))) {
    throw unsupported('rope_parameters differ from layer to layer', { rope_parameters: excerpt(given) });
  }
  const outer = ['rope_theta', 'partial_rotary_factor', 'max_position_embeddings'].map((key) => [key, settings[key]] as const);
  return { ...Object.fromEntries(outer.filter(([, value]) => value != null)), ...own };
}

function scalingOf(parameters: Json): (frequency: number) => number {
  const type = parameters['rope_type'] ?? parameters['type'] ?? 'default';
  if (type === 'default') return (frequency) => frequency;
  if (type !== 'linear' && type !== 'llama3') {
    throw unsupported(`its rope_type is “${excerpt(type)}”; default, linear and llama3 are computed`, {
      rope_type: excerpt(type),
    });
  }
  if (parameters['factor'] == null) throw badConfig(`rope_type is ${type}, but there is no factor`, { rope_type: type });
  const factor = number(parameters, 'factor', 1, 0, 1e6);
  return type === 'linear' ? (frequency) => frequency / factor : llama3Scaling(parameters, factor);
}

/** Slow turns are slowed down further, fast ones stay, those between go over smoothly. Source: transformers' modeling_rope_utils.py. */
function llama3Scaling(parameters: Json, factor: number): (frequency: number) => number {
  const low = number(parameters, 'low_freq_factor', 1, 0, 1e6);
  const high = number(parameters, 'high_freq_factor', 4, 0, 1e6);
  const positions = number(parameters, 'original_max_position_embeddings', 8192, 0, 1e9);
  if (high <= low) throw badConfig(`high_freq_factor is ${high}; it must be above low_freq_factor, ${low}`, { low, high });
  return (frequency) => {
    const turns = (positions * frequency) / (2 * Math.PI);
    if (turns < low) return frequency / factor;
    if (turns > high) return frequency;
    const smooth = (turns - low) / (high - low);
    return ((1 - smooth) * frequency) / factor + smooth * frequency;
  };
}
