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
  for (let at = 0, begin = 0; begin < values.length; at += 144, begin += blockNumbers) {
    const scale = half(bytes, at);
    const minimumScale = half(bytes, at + 2);
    for (let pair = 0; pair < 4; pair++) {
      const [low, high] = [2 * pair, 2 * pair + 1];
      const [lowFactor, lowOffset] = [scale * sixBits(bytes, at + 4, low), minimumScale * sixBits(bytes, at + 4, low + 8)];
      const [highFactor, highOffset] = [scale * sixBits(bytes, at + 4, high), minimumScale * sixBits(bytes, at + 4, high + 8)];
      const from = at + 16 + 32 * pair;
      const to = begin + 64 * pair;
      for (let index = 0; index < 32; index++) {
        const byte = bytes[from + index]!;
        values[to + index] = lowFactor * (byte & 15) - lowOffset;
        values[to + 32 + index] = highFactor * (byte >>> 4) - highOffset;
      }
    }
  }
}

/** 176 bytes: as Q4_K, with 32 bytes of fifth bits before the nibbles. */
export function dequantiseQ5K(bytes: Uint8Array, values: Float32Array): void {
  for (let at = 0, begin = 0; begin < values.length; at += 176, begin += blockNumbers) {
    const scale = half(bytes, at);
    const minimumScale = half(bytes, at + 2);
    for (let part = 0; part < 8; part++) {
      const factor = scale * sixBits(bytes, at + 4, part);
      const offset = minimumScale * sixBits(bytes, at + 4, part + 8);
      const from = at + 48 + 32 * (part >> 1);
      const shift = part & 1 ? 4 : 0;
      for (let index = 0; index < 32; index++) {
        const fifth = (bytes[at + 16 + index]! >>> part) & 1;
        values[begin + 32 * part + index] = factor * (((bytes[from + index]! >>> shift) & 15) | (fifth << 4)) - offset;
      }
    }
  }
}

/** 210 bytes: 128 of low nibbles, 64 of two high bits, 16 signed bytes of scales, a float16 scale of these. */
export function dequantiseQ6K(bytes: Uint8Array, values: Float32Array): void {
  const factors = new Float64Array(16);
  for (let at = 0, begin = 0; begin < values.length; at += 210, begin += blockNumbers) {
    const scale = half(bytes, at + 208);
    for (let index = 0; index < 16; index++) factors[index] = scale * ((bytes[at + 192 + index]! << 24) >> 24);
    for (let side = 0; side < 2; side++) {
      const to = begin + 128 * side;
      for (let index = 0; index < 32; index++) {
        const factor = 8 * side + (index >> 4);
        const first = bytes[at + 64 * side + index]!;
        const second = bytes[at + 64 * side + 32 + index]!;
        const high = bytes[at + 128 + 32 * side + index]!;
        values[to + index] = factors[factor]! * (((first & 15) | ((high & 3) << 4)) - 32);
        values[to + 32 + index] = factors[factor + 2]! * (((second & 15) | ((high & 12) << 2)) - 32);
        values[to + 64 + index] = factors[factor + 4]! * (((first >>> 4) | (high & 48)) - 32);
        values[to + 96 + index] = factors[factor + 6]! * (((second >>> 4) | ((high & 192) >>> 2)) - 32);
      }
    }
  }
}

/**
 * One of eight scales (0 to 7) and eight minima (8 to 15) of six bits in twelve bytes: the last four of each share four bytes and keep
 * their upper bits above the first four.
 */
function sixBits(bytes: Uint8Array, at: number, index: number): number {
  const place = index & 3;
  const isMinimum = index >> 3;
  const own = bytes[at + place + 4 * isMinimum]!;
  if ((index & 4) === 0) return own & 63;
  return ((bytes[at + 8 + place]! >>> (4 * isMinimum)) & 15) | ((own >>> 6) << 4);
}

/** Where the two bits of a number lie: 128 numbers share 32 bytes, 32 of them one pair of bits. */
function twoBits(index: number): { byte: number; shift: number } {
  return { byte: 32 * (index >> 7) + (index & 31), shift: 2 * ((index >> 5) & 3) };
}
