/** PEFT's names of an adapter's tensors begin so: its own wrapper, and the task model inside it. */
export const adapterPrefix = 'base_model.model.';

/** A pair's matrix of one adapted module, or its DoRA magnitudes. */
export function loraTensor(module: string, part: 'lora_A' | 'lora_B' | 'lora_magnitude_vector'): string {
  return `${adapterPrefix}${module}.${part}${part === 'lora_magnitude_vector' ? '' : '.weight'}`;
}

/** The adapter's own copy of a tensor of the model, by its path in the task model. */
export function savedTensor(path: string): string {
  return adapterPrefix + path;
}

/** The weights of a classification head. */
export const scoreTensor = savedTensor('score.weight');
