import { fromFloat16Array, toFloat16Array } from '../api/float16';
import type { Value, WeightStorage } from './graph';
import { blockSize, dequantise, quantise, wordCount, type BlockFormat } from './quantisedBlocks';

type Weight = Pick<Value, 'role' | 'shape' | 'label'>;

/** Bytes of a number, with its share of a block's scale. */
export const bytesPerNumber: Readonly<Record<WeightStorage, number>> = { float32: 4, float16: 2, int8: 34 / 32, int4: 20 / 32 };

/**
 * How a GPU holds a frozen weight: as the graph asks, but vectors as float32, and as float16 what was to be quantised and does not
 * divide into blocks.
 */
export function heldAs({ role, shape, label }: Weight): WeightStorage {
  if (role.kind !== 'weight') throw new Error(`${label} is no weight.`);
  if (shape.length === 1) return 'float32';
  if (!isBlockFormat(role.storage)) return role.storage;
  const divides = Number(shape.at(-1)) % blockSize === 0 && (role.columns?.[0] ?? 0) % blockSize === 0;
  return divides ? role.storage : 'float16';
}

/** The format of a weight that is held in blocks; null for every other value. */
export function blockFormatOf(value: Weight): BlockFormat | null {
  const held = value.role.kind === 'weight' ? heldAs(value) : 'float32';
  return isBlockFormat(held) ? held : null;
}

/** For tables of which every row counts, and that are small: no coarser than float16. */
export function atLeastFloat16(storage: WeightStorage): WeightStorage {
  return isBlockFormat(storage) ? 'float16' : storage;
}

/** Bytes of the first `count` numbers of a weight, a number of whole rows. */
export function bytesHeld(storage: WeightStorage, count: number): number {
  return isBlockFormat(storage) ? 4 * wordCount(storage, count / blockSize) : bytesPerNumber[storage] * count;
}

/** What the storage keeps of numbers. */
export function roundedTo(storage: WeightStorage, values: Float32Array): Float32Array {
  if (storage === 'float32') return values;
  return storage === 'float16' ? fromFloat16Array(toFloat16Array(values)) : dequantise(quantise(storage, values));
}

function isBlockFormat(storage: WeightStorage): storage is BlockFormat {
  return storage === 'int8' || storage === 'int4';
}
