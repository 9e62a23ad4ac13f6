import { float32FromFloat16, fromBfloat16Array, fromFloat16Array } from '../api/float16';
import { dequantiseQ2K, dequantiseQ3K, dequantiseQ4K, dequantiseQ5K, dequantiseQ6K } from './dequantiseK';

/**
 * Writes the numbers of whole blocks to `values`, as ggml's reference does it: products of a float16 scale and a small integer are
 * exact, so each number is rounded to float32 once.
 */
export type Dequantise = (bytes: Uint8Array, values: Float32Array) => void;

const blockNumbers = 32;

const dequantisers: Readonly<Record<string, Dequantise>> = {
  F32: (bytes, values) => values.set(new Float32Array(aligned(bytes, 4), 0, values.length)),
  F16: (bytes, values) => values.set(fromFloat16Array(new Uint16Array(aligned(bytes, 2), 0, values.length))),
  BF16: (bytes, values) => values.set(fromBfloat16Array(new Uint16Array(aligned(bytes, 2), 0, values.length))),
  Q8_0: dequantiseQ8,
  Q4_0: (bytes, values) => dequantiseNibbles(bytes, values, { hasMinimum: false, hasFifthBit: false }),
  Q4_1: (bytes, values) => dequantiseNibbles(bytes, values, { hasMinimum: true, hasFifthBit: false }),
  Q5_0: (bytes, values) => dequantiseNibbles(bytes, values, { hasMinimum: false, hasFifthBit: true }),
  Q5_1: (bytes, values) => dequantiseNibbles(bytes, values, { hasMinimum: true, hasFifthBit: true }),
  Q2_K: dequantiseQ2K,
  Q3_K: dequantiseQ3K,
  Q4_K: dequantiseQ4K,
  Q5_K: dequantiseQ5K,
  Q6_K: dequantiseQ6K,
};

/** The function for a ggml type's name, or null for a type that is not read. */
export function dequantiserOf(typeName: string): Dequantise | null {
  return Object.hasOwn(dequantisers, typeName) ? (dequantisers[typeName] ?? null) : null;
}

/** Names of the ggml types that are read. */
export const readGgmlTypes: readonly string[] = Object.keys(dequantisers);

/** Where the bytes begin at a multiple of `size` in their buffer, that buffer from there on; else a copy. */
function aligned(bytes: Uint8Array, size: number): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  return buffer instanceof ArrayBuffer && byteOffset === 0 && buffer.byteLength % size === 0
    ? buffer
    : new Uint8Array(bytes).buffer.slice(0, byteLength);
}

function dequantiseQ8(bytes: Uint8Array, values: Float32Array): void {
  for (let at = 0, begin = 0; begin < values.length; at += 34, begin += blockNumbers) {
    const scale = float32FromFloat16(bytes[at]! | (bytes[at + 1]! << 8));
    for (let index = 0; index < blockNumbers; index++) values[begin + index] = scale * ((bytes[at + 2 + index]! << 24) >> 24);
  }
}

/** The low nibble of byte j is number j of a block, the high one number j + 16; a fifth bit lies in a word before them. */
function dequantiseNibbles(
  bytes: Uint8Array,
  values: Float32Array,
  { hasMinimum, hasFifthBit }: { hasMinimum: boolean; hasFifthBit: boolean },
): void {
  const middle = hasFifthBit ? 16 : 8;
  let at = 0;
  for (let begin = 0; begin < values.length; begin += blockNumbers) {
    const scale = float32FromFloat16(bytes[at]! | (bytes[at + 1]! << 8));
    at += 2;
    const minimum = hasMinimum ? float32FromFloat16(bytes[at]! | (bytes[at + 1]! << 8)) : 0;
    if (hasMinimum) at += 2;
    const fifth = hasFifthBit ? bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24) : 0;
    if (hasFifthBit) at += 4;
    for (let index = 0; index < 16; index++) {
      const byte = bytes[at + index]!;
      const low = (byte & 15) | (((fifth >>> index) & 1) << 4);
      const high = (byte >>> 4) | (((fifth >>> (index + 16)) & 1) << 4);
      values[begin + index] = hasMinimum ? scale * low + minimum : scale * (low - middle);
      values[begin + index + 16] = hasMinimum ? scale * high + minimum : scale * (high - middle);
    }
    at += 16;
  }
}
