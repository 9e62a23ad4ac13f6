import { TuneletError } from '../api/errors';
import { fromBfloat16Array, fromFloat16Array } from '../api/float16';
import { parseSafetensorsHeader, type SafetensorsHeader, type TensorInfo } from './safetensors';
import { tensorBytes, writeSafetensorsHeader } from './safetensorsHeader';

export interface FloatTensor {
  shape: readonly number[];
  values: Float32Array;
}

/**
 * A small safetensors file as a whole, every tensor as float32.
 * @throws TuneletError 'model/bad-safetensors'; 'model/unsupported' for a tensor that holds no floats of 16 or 32 bits
 */
export function readSafetensors(
  bytes: Uint8Array,
  fileName = 'model.safetensors',
): { header: SafetensorsHeader; tensors: Map<string, FloatTensor> } {
  const header = parseSafetensorsHeader(bytes, bytes.length, fileName);
  const tensors = new Map<string, FloatTensor>();
  for (const info of header.tensors) {
    const data = bytes.slice(info.byteOffset, info.byteOffset + info.byteLength);
    const values = decodeValues(info, data);
    tensors.set(info.name, { shape: info.shape, values: values instanceof Uint16Array ? fromFloat16Array(values) : values });
  }
  return { header, tensors };
}

/**
 * Numbers of a tensor, or of some whole rows of it: float16 stays as bits, bfloat16 becomes float32, exactly.
 * @param data bytes at an even-aligned start of their own buffer; float32 and float16 become views of it
 * @throws TuneletError 'model/unsupported'
 */
export function decodeValues(
  info: Pick<TensorInfo, 'name' | 'dtype'>,
  data: Uint8Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
  if (info.dtype === 'F32') return new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  const halves = () => new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  if (info.dtype === 'F16') return halves();
  if (info.dtype === 'BF16') return fromBfloat16Array(halves());
  throw new TuneletError(
    'model/unsupported',
    `Tensor “${info.name}” holds ${info.dtype} numbers; F32, F16 and BF16 are read.`,
    'Save the model with one of these types, for example with model.float().save_pretrained(folder).',
    { tensor: info.name, dtype: info.dtype },
  );
}

/** A safetensors file of float32 tensors, byte for byte as the safetensors library writes it: tensors by name. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, FloatTensor>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Uint8Array<ArrayBuffer> {
  const sorted = [...tensors].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([name, tensor]) => ({ name, ...tensor }));
  for (const { name, shape, values } of sorted) {
    const sizeBytes = tensorBytes(shape, 'F32');
    if (sizeBytes !== values.byteLength) {
      throw new Error(`Tensor ${name} has ${values.byteLength} bytes; its shape [${shape.join(', ')}] needs ${sizeBytes}.`);
    }
  }
  const header = writeSafetensorsHeader(sorted, 'F32', metadata);
  const file = new Uint8Array(sorted.reduce((sum, { values }) => sum + values.byteLength, header.length));
  file.set(header);
  let at = header.length;
  for (const { values } of sorted) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return file;
}
