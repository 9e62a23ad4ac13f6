import type { WeightStorage } from '../engine/graph';
import { atLeastFloat16, heldAs, roundedTo } from '../engine/weightStorage';
import type { FloatTensor } from '../files/safetensorsData';
import { canonicalGpt2Name } from '../models/gpt2Tensors';
import type { ParityCase } from './parityCase';

/** The case with its weights as that storage holds them: norms and biases stay float32, positions are float16 at the coarsest. */
export function roundedModel(parity: ParityCase, storage: WeightStorage): ParityCase {
  const rounded = (name: string, tensor: FloatTensor): FloatTensor => {
    const wanted = canonicalGpt2Name(name) === 'wpe.weight' ? atLeastFloat16(storage) : storage;
    const role = { kind: 'weight', tensor: name, columns: null, storage: wanted } as const;
    return { ...tensor, values: roundedTo(heldAs({ role, shape: tensor.shape, label: name }), tensor.values) };
  };
  return { ...parity, model: new Map([...parity.model].map(([name, tensor]) => [name, rounded(name, tensor)])) };
}
