import { float16Bits, float32FromFloat16, fromFloat16Array } from '../api/float16';

/**
 * Rows of a matrix in blocks of 32 numbers, each block with a float16 scale of its own.
 *
 * - `int8`: signed bytes; number = q * scale. Two blocks make a group of 17 words: 16 of bytes, one of both scales. Q8_0 of GGUF
 *   holds the same.
 * - `int4`: unsigned nibbles and a float16 minimum; number = q * scale + minimum. A block is a group of five words: four of
 *   nibbles, one of scale and minimum. Q4_0 (its minimum is -8 scales) and Q4_1 of GGUF hold the same.
 *
 * The lowest bits of a word are its first number; rows follow one another without a gap, so a group may hold the end of one
 * row and the beginning of the next. Scales lie beside their numbers: neighbouring threads find both in the same cache lines.
 */
export type BlockFormat = 'int8' | 'int4';

/** Numbers of a row that share a scale. */
export const blockSize = 32;

export interface QuantisedRows {
  format: BlockFormat;
  /** Numbers; divides by `blockSize`. */
  length: number;
  words: Uint32Array<ArrayBuffer>;
}

const layouts = {
  int8: { groupBlocks: 2, groupWords: 17, perWord: 4 },
  int4: { groupBlocks: 1, groupWords: 5, perWord: 8 },
} as const;

/** From zero to the largest magnitude. */
const int8Steps = 127;
/** From the minimum to the largest number. */
const int4Steps = 15;

const largestHalf = 65_504;
const largestHalfBits = 0x7bff;

/** Blocks whose words are written together: where a group begins, so does a word. */
export function groupBlocksOf(format: BlockFormat): number {
  return layouts[format].groupBlocks;
}

/** Words of so many blocks, in whole groups. */
export function wordCount(format: BlockFormat, blocks: number): number {
  const { groupBlocks, groupWords } = layouts[format];
  return Math.ceil(blocks / groupBlocks) * groupWords;
}

/** The word in which a block's numbers begin. */
export function firstWordOf(format: BlockFormat, block: number): number {
  const { groupBlocks, groupWords, perWord } = layouts[format];
  const within = block % groupBlocks;
  return ((block - within) / groupBlocks) * groupWords + within * (blockSize / perWord);
}

/** The word of a block's scale: with `int8` the lower half is of the group's first block, with `int4` the upper one is the minimum. */
export function scaleWordOf(format: BlockFormat, block: number): number {
  const { groupBlocks, groupWords } = layouts[format];
  return Math.floor(block / groupBlocks) * groupWords + groupWords - 1;
}

/** Zeros. Throws a RangeError where `length` is not a number of blocks. */
export function emptyRows(format: BlockFormat, length: number): QuantisedRows {
  if (length % blockSize !== 0) throw new RangeError(`${length} numbers do not divide into blocks of ${blockSize}.`);
  return { format, length, words: new Uint32Array(wordCount(format, length / blockSize)) };
}

/**
 * Takes a block over as it is.
 * @param numbers 32 of them: -128 to 127 for `int8`, 0 to 15 for `int4`
 * @param scale float16 bits
 * @param minimum float16 bits; of `int4` alone
 */
export function setBlock(rows: QuantisedRows, block: number, numbers: ArrayLike<number>, scale: number, minimum = 0): void {
  const { format, words } = rows;
  const { perWord } = layouts[format];
  const bits = 32 / perWord;
  const mask = 2 ** bits - 1;
  const begin = firstWordOf(format, block);
  for (let at = 0; at < blockSize; at += perWord) {
    let word = 0;
    for (let place = 0; place < perWord; place++) word |= (numbers[at + place]! & mask) << (place * bits);
    words[begin + at / perWord] = word;
  }
  const scaleWord = scaleWordOf(format, block);
  if (format === 'int4') words[scaleWord] = scale | (minimum << 16);
  else
    words[scaleWord] = block % 2 === 0 ? (words[scaleWord]! & 0xffff0000) | scale : (words[scaleWord]! & 0xffff) | (scale << 16);
}

/** Copies `count` blocks as they are, between rows of one format. */
export function copyBlocks(from: QuantisedRows, fromBlock: number, to: QuantisedRows, toBlock: number, count: number): void {
  const { format } = from;
  const wordsOfBlock = blockSize / layouts[format].perWord;
  for (let index = 0; index < count; index++) {
    const source = firstWordOf(format, fromBlock + index);
    const target = firstWordOf(format, toBlock + index);
    for (let at = 0; at < wordsOfBlock; at++) to.words[target + at] = from.words[source + at]!;
    const scales = from.words[scaleWordOf(format, fromBlock + index)]!;
    if (format === 'int4') to.words[scaleWordOf(format, toBlock + index)] = scales;
    else setInt8Scale(to.words, toBlock + index, (fromBlock + index) % 2 === 0 ? scales & 0xffff : scales >>> 16);
  }
}

/**
 * Rounds numbers to blocks. With R the largest magnitude of a block (`int8`), or its largest number less its minimum (`int4`),
 * and steps of 127 or 15, the scale is at most R / steps * (1 + 2^-11) + 2^-24, and no number errs by more than half of it. What
 * float16 scales and minima do not reach (above 65504) is clamped. Throws a RangeError for NaN and infinities, which no block holds.
 */
export function quantise(format: BlockFormat, values: Float32Array): QuantisedRows {
  const rows = emptyRows(format, values.length);
  const quantiseBlock = format === 'int8' ? quantiseInt8 : quantiseInt4;
  for (let block = 0; block < values.length / blockSize; block++) quantiseBlock(values, block, rows.words);
  return rows;
}

/** The numbers that blocks stand for, exactly as kernels find them; all, or those from `begin` up to `end`. */
export function dequantise({ format, words, length }: QuantisedRows, begin = 0, end = length): Float32Array<ArrayBuffer> {
  const first = Math.floor(begin / blockSize);
  const blocks = Math.ceil(end / blockSize) - first;
  const values = new Float32Array(blocks * blockSize);
  const { perWord } = layouts[format];
  for (let index = 0; index < blocks; index++) {
    const block = first + index;
    const from = firstWordOf(format, block);
    const scales = words[scaleWordOf(format, block)]!;
    const scale = float32FromFloat16(format === 'int8' && block % 2 === 1 ? scales >>> 16 : scales & 0xffff);
    const minimum = format === 'int4' ? float32FromFloat16(scales >>> 16) : 0;
    for (let at = 0; at < blockSize; at++) {
      const word = words[from + Math.floor(at / perWord)]!;
      const number = format === 'int8' ? (word << (24 - 8 * (at % 4))) >> 24 : (word >>> (4 * (at % 8))) & 15;
      // Exact in double precision, so this rounds once, as the sum of an exact product and a minimum does in float32.
      values[index * blockSize + at] = number * scale + minimum;
    }
  }
  return values.subarray(begin - first * blockSize, end - first * blockSize);
}

/** Numbers or quantised rows: the numbers. Uint16Array holds float16 bits. */
export function numbersOf(values: Float32Array | Uint16Array | QuantisedRows): Float32Array {
  if (values instanceof Float32Array) return values;
  return values instanceof Uint16Array ? fromFloat16Array(values) : dequantise(values);
}

function quantiseInt8(values: Float32Array, block: number, words: Uint32Array): void {
  const begin = block * blockSize;
  let largest = 0;
  for (let at = begin; at < begin + blockSize; at++) largest = Math.max(largest, Math.abs(values[at]!));
  requireFinite(largest, begin);
  const scale = scaleFor(largest, int8Steps);
  const inverse = scale === 0 ? 0 : 1 / float32FromFloat16(scale);
  const first = firstWordOf('int8', block);
  for (let word = 0; word < 8; word++) {
    let packed = 0;
    for (let place = 0; place < 4; place++) {
      const number = Math.floor(values[begin + 4 * word + place]! * inverse + 0.5);
      packed |= (Math.max(-int8Steps, Math.min(int8Steps, number)) & 0xff) << (8 * place);
    }
    words[first + word] = packed;
  }
  setInt8Scale(words, block, scale);
}

function quantiseInt4(values: Float32Array, block: number, words: Uint32Array): void {
  const begin = block * blockSize;
  let low = Infinity;
  let high = -Infinity;
  for (let at = begin; at < begin + blockSize; at++) {
    low = Math.min(low, values[at]!);
    high = Math.max(high, values[at]!);
  }
  requireFinite(high - low, begin);
  const minimum = halfBelow(low);
  const offset = float32FromFloat16(minimum);
  const scale = scaleFor(Math.max(0, high - offset), int4Steps);
  const inverse = scale === 0 ? 0 : 1 / float32FromFloat16(scale);
  const first = firstWordOf('int4', block);
  for (let word = 0; word < 4; word++) {
    let packed = 0;
    for (let place = 0; place < 8; place++) {
      const number = Math.floor((values[begin + 8 * word + place]! - offset) * inverse + 0.5);
      packed |= Math.max(0, Math.min(int4Steps, number)) << (4 * place);
    }
    words[first + word] = packed;
  }
  words[first + 4] = scale | (minimum << 16);
}

function setInt8Scale(words: Uint32Array, block: number, scale: number): void {
  const at = scaleWordOf('int8', block);
  words[at] = block % 2 === 0 ? (words[at]! & 0xffff0000) | scale : (words[at]! & 0xffff) | (scale << 16);
}

function requireFinite(extent: number, begin: number): void {
  if (Number.isFinite(extent)) return;
  throw new RangeError(`Among numbers ${begin} to ${begin + blockSize} is one that is not finite.`);
}

/** Bits of the float16 nearest to range / steps, or of the next one where so many steps would fall short by more than half of one. */
function scaleFor(range: number, steps: number): number {
  const bits = float16Bits(Math.min(range / steps, largestHalf));
  return bits < largestHalfBits && range > (steps + 0.5) * float32FromFloat16(bits) ? bits + 1 : bits;
}

/** Bits of the largest float16 that is not above `value`. */
function halfBelow(value: number): number {
  const bits = float16Bits(Math.max(-largestHalf, Math.min(largestHalf, value)));
  if (float32FromFloat16(bits) <= value || bits === (0x8000 | largestHalfBits)) return bits;
  return bits & 0x8000 ? bits + 1 : bits - 1;
}
