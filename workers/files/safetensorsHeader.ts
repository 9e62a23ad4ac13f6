import { bytesPerNumber, lengthFieldBytes, type TensorInfo } from './safetensors';

/** A tensor that is to be written. */
export interface TensorToWrite {
  name: string;
  shape: readonly number[];
}

/** The types that weights are written in. */
export type WrittenType = 'F32' | 'F16';

/**
 * All that comes before the first tensor's numbers, byte for byte as the safetensors library writes it: compact JSON, padded with
 * spaces to eight bytes. The tensors' numbers follow without gaps, in the order given.
 */
export function writeSafetensorsHeader(
  tensors: readonly TensorToWrite[],
  type: WrittenType,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  let end = 0;
  const entries: [string, unknown][] = [['__metadata__', metadata]];
  for (const { name, shape } of tensors)
    entries.push([name, { dtype: type, shape, data_offsets: [end, (end += tensorBytes(shape, type))] }]);
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(lengthFieldBytes + headerLength).fill(32, lengthFieldBytes);
  new DataView(header.buffer).setBigUint64(0, BigInt(headerLength), true);
  header.set(json, lengthFieldBytes);
  return header;
}

/** What a tensor's numbers take. */
export function tensorBytes(shape: readonly number[], type: TensorInfo['dtype']): number {
  return shape.reduce((product, size) => product * size, bytesPerNumber[type]);
}
