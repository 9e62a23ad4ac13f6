import { fromFloat16Array, toFloat16Array } from '../api/float16';
import type { FloatTensor } from '../files/safetensorsData';
import type { ParityCase } from './parityCase';

/** The case with its matrices rounded to float16, as that storage holds them; norms and biases stay float32. */
export function roundedToFloat16(parity: ParityCase): ParityCase {
  const rounded = (tensor: FloatTensor): FloatTensor =>
    tensor.shape.length === 2 ? { ...tensor, values: fromFloat16Array(toFloat16Array(tensor.values)) } : tensor;
  return { ...parity, model: new Map([...parity.model].map(([name, tensor]) => [name, rounded(tensor)])) };
}
