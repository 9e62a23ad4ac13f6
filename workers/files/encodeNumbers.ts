import { TuneletError } from '../api/errors';
import { float16Bits, toFloat16Array } from '../api/float16';
import type { GgufWrittenType } from './ggufWriter';

/**
 * Numbers as a file stores them.
 * @param tensor named where one is beyond float16
 * @param values whole blocks of 32 for Q8_0
 * @throws TuneletError 'model/too-large'
 */
export function encodeNumbers(type: GgufWrittenType, tensor: string, values: Float32Array): Uint8Array<ArrayBufferLike> {
  if (type === 'F32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (type === 'Q8_0') return encodeQ8(values, tensor);
  const halves = toFloat16Array(values);
  const at = halves.findIndex((bits, index) => isInfinite(bits) && Number.isFinite(values[index]));
  if (at >= 0) throw tooWide(tensor, values[at] ?? 0);
  return new Uint8Array(halves.buffer);
}

const blockNumbers = 32;
const blockBytes = 34;
const largest = 127;

/** As ggml's reference quantises: float32 throughout, halves rounded away from zero; the float16 scale is not what divides. */
function encodeQ8(values: Float32Array, tensor: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array((values.length / blockNumbers) * blockBytes);
  const { fround, abs, sign, floor } = Math;
  for (let begin = 0, at = 0; begin < values.length; begin += blockNumbers, at += blockBytes) {
    let greatest = 0;
    for (let index = begin; index < begin + blockNumbers; index++) greatest = Math.max(greatest, abs(values[index]!));
    const scale = fround(greatest / largest);
    const inverse = scale === 0 ? 0 : fround(1 / scale);
    const bits = float16Bits(scale);
    if (isInfinite(bits) && Number.isFinite(scale)) throw tooWide(tensor, greatest);
    bytes[at] = bits & 0xff;
    bytes[at + 1] = bits >> 8;
    for (let index = 0; index < blockNumbers; index++) {
      const scaled = fround(values[begin + index]! * inverse);
      bytes[at + 2 + index] = sign(scaled) * floor(abs(scaled) + 0.5);
    }
  }
  return bytes;
}

function isInfinite(bits: number): boolean {
  return (bits & 0x7fff) === 0x7c00;
}

function tooWide(tensor: string, value: number): TuneletError {
  return new TuneletError(
    'model/too-large',
    `The merged model’s tensor ${tensor} holds ${value.toPrecision(4)}, beyond what float16 holds (65,504).`,
    'Choose float32 for the merged model.',
    { tensor },
  );
}
