import { float32FromFloat16 } from '../api/float16';

/** Blocks of 256 numbers with scales of their own for every 16 or 32 of them (the “K” types of ggml, ggml-quants.h). */
const blockNumbers = 256;

function half(bytes: Uint8Array, at: number): number {
  return float32FromFloat16(bytes[at]! | (bytes[at + 1]! << 8));
}

/** 84 bytes: 16 bytes of scale and minimum (a nibble each, for 16 numbers), 64 of two-bit numbers, two float16 scales of these. */
export function dequantiseQ2K(bytes: Uint8Array, values: Float32Array): void {
  for (let at = 0, begin = 0; begin < values.length; at += 84, begin += blockNumbers) {
    const scale = half(bytes, at + 80);
    const minimumScale = half(bytes, at + 82);
    for (let index = 0; index < blockNumbers; index++) {
      const { byte, shift } = twoBits(index);
      const ofSixteen = bytes[at + (index >> 4)]!;
      const number = (bytes[at + 16 + byte]! >>> shift) & 3;
      values[begin + index] = scale * (ofSixteen & 15) * number - minimumScale * (ofSixteen >>> 4);
    }
  }
}

/** 110 bytes: 32 of third bits, 64 of two lower bits, 12 of sixteen six-bit scales, a float16 scale of these. */
export function dequantiseQ3K(bytes: Uint8Array, values: Float32Array): void {
  const scales = new Int8Array(16);
  for (let at = 0, begin = 0; begin < values.length; at += 110, begin += blockNumbers) {
    const scale = half(bytes, at + 108);
    for (let index = 0; index < 16; index++) {
      const low = (bytes[at + 96 + (index & 7)]! >>> (index < 8 ? 0 : 4)) & 15;
      const high = (bytes[at + 104 + (index & 3)]! >>> (2 * (index >> 2))) & 3;
      scales[index] = (low | (high << 4)) - 32;
    }
    for (let index = 0; index < blockNumbers; index++) {
      const { byte, shift } = twoBits(index);
      const isAboveThree = (bytes[at + (index & 31)]! >>> (index >> 5)) & 1;
      const number = ((bytes[at + 32 + byte]! >>> shift) & 3) - (isAboveThree ? 0 : 4);
      values[begin + index] = scale * scales[index >> 4]! * number;
    }
  }
}

/** 144 bytes: two float16 scales, 12 bytes of eight six-bit scales and minima, 128 of nibbles. */
export function dequantiseQ4K(bytes: Uint8Array, values: Float32Array): void {
  dequantiseWithMinima(bytes, values, 144, null);
}

/** 176 bytes: as Q4_K, with 32 bytes of fifth bits before the nibbles. */
export function dequantiseQ5K(bytes: Uint8Array, values: Float32Array): void {
  dequantiseWithMinima(bytes, values, 176, 16);
}

function dequantiseWithMinima(bytes: Uint8Array, values: Float32Array, blockBytes: number, fifthBitsAt: number | null): void {
  const nibblesAt = blockBytes - 128;
  for (let at = 0, begin = 0; begin < values.length; at += blockBytes, begin += blockNumbers) {
    const scale = half(bytes, at);
    const minimumScale = half(bytes, at + 2);
    for (let part = 0; part < 8; part++) {
      const { low, minimum } = sixBitPair(bytes, at + 4, part);
      const factor = scale * low;
      const offset = minimumScale * minimum;
      const from = at + nibblesAt + 32 * (part >> 1);
      const shift = part & 1 ? 4 : 0;
      for (let index = 0; index < 32; index++) {
        let number = (bytes[from + index]! >>> shift) & 15;
        if (fifthBitsAt !== null) number |= ((bytes[at + fifthBitsAt + index]! >>> part) & 1) << 4;
        values[begin + 32 * part + index] = factor * number - offset;
      }
    }
  }
}

/** 210 bytes: 128 of low nibbles, 64 of two high bits, 16 signed bytes of scales, a float16 scale of these. */
export function dequantiseQ6K(bytes: Uint8Array, values: Float32Array): void {
  for (let at = 0, begin = 0; begin < values.length; at += 210, begin += blockNumbers) {
    const scale = half(bytes, at + 208);
    for (let index = 0; index < blockNumbers; index++) {
      const within = index & 127;
      const side = index >> 7;
      const low = (bytes[at + 64 * side + (within & 63)]! >>> (within < 64 ? 0 : 4)) & 15;
      const high = (bytes[at + 128 + 32 * side + (within & 31)]! >>> (2 * (within >> 5))) & 3;
      const ofSixteen = (bytes[at + 192 + (index >> 4)]! << 24) >> 24;
      values[begin + index] = scale * ofSixteen * ((low | (high << 4)) - 32);
    }
  }
}

/** Eight scales and eight minima of six bits in twelve bytes: the last four pairs keep their upper bits with the first four. */
function sixBitPair(bytes: Uint8Array, at: number, part: number): { low: number; minimum: number } {
  if (part < 4) return { low: bytes[at + part]! & 63, minimum: bytes[at + part + 4]! & 63 };
  const shared = bytes[at + part + 4]!;
  return {
    low: (shared & 15) | ((bytes[at + part - 4]! >>> 6) << 4),
    minimum: (shared >>> 4) | ((bytes[at + part]! >>> 6) << 4),
  };
}

/** Where the two bits of a number lie: 128 numbers share 32 bytes, 32 of them one pair of bits. */
function twoBits(index: number): { byte: number; shift: number } {
  return { byte: 32 * (index >> 7) + (index & 31), shift: 2 * ((index >> 5) & 3) };
}
