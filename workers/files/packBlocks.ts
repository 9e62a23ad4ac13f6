import { float16Bits, float32FromFloat16 } from '../api/float16';

/** Blocks of 32 numbers as the engine holds them: see `QuantisedRows` in engine/quantisedBlocks.ts. */
export interface BlockRows {
  format: 'int8' | 'int4';
  /** Numbers. */
  length: number;
  words: Uint32Array<ArrayBuffer>;
}

const blockNumbers = 32;

/**
 * Takes ggml blocks over as they are, without a number changed: Q8_0 as int8, Q4_0 and Q4_1 as int4.
 * @returns null for other types, and for Q4_0 with a scale whose eightfold (their minimum) float16 does not hold
 */
export function packBlocks(typeName: string, bytes: Uint8Array): BlockRows | null {
  if (typeName === 'Q8_0') return packBytes(bytes);
  if (typeName === 'Q4_0') return packNibbles(bytes, 18, (at) => eightfoldBelow(bytes[at]! | (bytes[at + 1]! << 8)));
  if (typeName === 'Q4_1') return packNibbles(bytes, 20, (at) => bytes[at + 2]! | (bytes[at + 3]! << 8));
  return null;
}

/** Two blocks make 17 words: 16 of signed bytes, one of both scales. */
function packBytes(bytes: Uint8Array): BlockRows {
  const blocks = bytes.length / 34;
  const words = new Uint32Array(Math.ceil(blocks / 2) * 17);
  const inBytes = new Uint8Array(words.buffer);
  const inHalves = new Uint16Array(words.buffer);
  for (let block = 0; block < blocks; block++) {
    const at = block * 34;
    const group = Math.floor(block / 2) * 17;
    const second = block % 2;
    inBytes.set(bytes.subarray(at + 2, at + 34), group * 4 + second * blockNumbers);
    inHalves[(group + 16) * 2 + second] = bytes[at]! | (bytes[at + 1]! << 8);
  }
  return { format: 'int8', length: blocks * blockNumbers, words };
}

/** A block makes five words: four of nibbles in order, one of scale and minimum. ggml has numbers 16 to 31 in the upper nibbles. */
function packNibbles(bytes: Uint8Array, blockBytes: number, minimumOf: (at: number) => number | null): BlockRows | null {
  const blocks = bytes.length / blockBytes;
  const words = new Uint32Array(blocks * 5);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let block = 0; block < blocks; block++) {
    const at = block * blockBytes;
    const minimum = minimumOf(at);
    if (minimum === null) return null;
    const from = at + blockBytes - 16;
    for (let word = 0; word < 2; word++) {
      const first = view.getUint32(from + 8 * word, true);
      const second = view.getUint32(from + 8 * word + 4, true);
      words[5 * block + word] = lowNibbles(first) | (lowNibbles(second) << 16);
      words[5 * block + 2 + word] = lowNibbles(first >>> 4) | (lowNibbles(second >>> 4) << 16);
    }
    words[5 * block + 4] = bytes[at]! | (bytes[at + 1]! << 8) | (minimum << 16);
  }
  return { format: 'int4', length: blocks * blockNumbers, words };
}

/** The lower halves of four bytes, side by side in 16 bits. */
function lowNibbles(fourBytes: number): number {
  const nibbles = fourBytes & 0x0f0f0f0f;
  const pairs = (nibbles | (nibbles >>> 4)) & 0x00ff00ff;
  return (pairs | (pairs >>> 8)) & 0xffff;
}

/** Bits of -8 times a float16, or null where that is not one. */
function eightfoldBelow(bits: number): number | null {
  const exponent = (bits >>> 10) & 31;
  // Normal before and after: the exponent grows by three.
  if (exponent >= 1 && exponent <= 27) return (bits ^ 0x8000) + (3 << 10);
  if (exponent > 27) return null;
  const minimum = -8 * float32FromFloat16(bits);
  const rounded = float16Bits(minimum);
  return float32FromFloat16(rounded) === minimum ? rounded : null;
}
