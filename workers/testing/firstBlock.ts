import { readSafetensors, writeSafetensors } from '../files/safetensorsData';

/** The weights of a Llama in safetensors, without those of any block but the first. */
export function firstBlock(weights: Uint8Array): Uint8Array {
  const { tensors } = readSafetensors(weights);
  return writeSafetensors(new Map([...tensors].filter(([name]) => !/layers\.[1-9]/.test(name))));
}
