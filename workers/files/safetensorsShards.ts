import { tensorBytes, writeSafetensorsHeader, type TensorToWrite, type WrittenType } from './safetensorsHeader';

/** One safetensors file, before its numbers. */
export interface SafetensorsShard {
  fileName: string;
  /** Length field and header: all that comes before the first tensor's numbers. */
  header: Uint8Array<ArrayBuffer>;
  /** In the order of their bytes. */
  tensors: readonly TensorToWrite[];
  /** Header included. */
  sizeBytes: number;
}

export interface SafetensorsLayout {
  shards: SafetensorsShard[];
  /** model.safetensors.index.json; null where one file holds all. */
  index: string | null;
}

/**
 * Lays tensors out in files in the order given, as transformers' `save_pretrained` shards a model: a file is full when the next tensor
 * would take its numbers beyond `maximumBytes`; a tensor is never parted.
 */
export function layOutSafetensors(tensors: readonly TensorToWrite[], type: WrittenType, maximumBytes: number): SafetensorsLayout {
  const parts: TensorToWrite[][] = [[]];
  let filled = 0;
  let totalBytes = 0;
  for (const tensor of tensors) {
    const sizeBytes = tensorBytes(tensor.shape, type);
    if (filled > 0 && filled + sizeBytes > maximumBytes) {
      parts.push([]);
      filled = 0;
    }
    parts.at(-1)!.push(tensor);
    filled += sizeBytes;
    totalBytes += sizeBytes;
  }
  const name = (at: number): string =>
    parts.length === 1 ? 'model.safetensors' : `model-${numbered(at + 1)}-of-${numbered(parts.length)}.safetensors`;
  const shards = parts.map((part, at) => shardOf(name(at), part, type));
  if (shards.length === 1) return { shards, index: null };
  const places = shards.flatMap(({ fileName, tensors: held }) => held.map((tensor) => [tensor.name, fileName] as const));
  const index = { metadata: { total_size: totalBytes }, weight_map: Object.fromEntries(places) };
  return { shards, index: `${JSON.stringify(index, null, 2)}\n` };
}

function shardOf(fileName: string, tensors: readonly TensorToWrite[], type: WrittenType): SafetensorsShard {
  const header = writeSafetensorsHeader(tensors, type, { format: 'pt' });
  const sizeBytes = tensors.reduce((sum, { shape }) => sum + tensorBytes(shape, type), header.length);
  return { fileName, header, tensors, sizeBytes };
}

function numbered(value: number): string {
  return String(value).padStart(5, '0');
}
