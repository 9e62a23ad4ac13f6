import { GgufFault, type GgufCursor } from './ggufCursor';

/** A list of one type. Numbers stay packed, so that a list takes no more memory than it takes in the file. */
export type GgufArray =
  | readonly string[]
  | readonly GgufArray[]
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array;

/** 64-bit integers are numbers where a number holds them exactly, else bigints. */
export type GgufValue = number | bigint | boolean | string | GgufArray;

/** Bounds on what a stranger's header may ask for. Those of huggingface.js' parser or stricter; the largest vocabularies have 262,144 tokens. */
export const ggufLimits = {
  headerBytes: 32_000_000,
  metadataEntries: 10_000,
  keyBytes: 65_535,
  stringBytes: 10_000_000,
  arrayLength: 1_000_000,
  arrayDepth: 4,
  tensors: 100_000,
  tensorNameBytes: 1024,
  dimensions: 4,
  dimension: 2 ** 32,
  alignment: 1 << 20,
} as const;

const stringType = 8;
const arrayType = 9;

const scalars: ReadonlyMap<number, (cursor: GgufCursor) => GgufValue> = new Map<number, (cursor: GgufCursor) => GgufValue>([
  [0, (cursor) => cursor.uint8()],
  [1, (cursor) => cursor.int8()],
  [2, (cursor) => cursor.uint16()],
  [3, (cursor) => cursor.int16()],
  [4, (cursor) => cursor.uint32()],
  [5, (cursor) => cursor.int32()],
  [6, (cursor) => cursor.float32()],
  [7, (cursor) => readFlag(cursor)],
  [stringType, (cursor) => cursor.text('a string', ggufLimits.stringBytes)],
  [10, (cursor) => exactNumber(cursor.uint64())],
  [11, (cursor) => exactNumber(cursor.int64())],
  [12, (cursor) => cursor.float64()],
]);

interface PackedArray {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): GgufArray;
}

const packed: ReadonlyMap<number, PackedArray> = new Map<number, PackedArray>([
  [0, Uint8Array],
  [1, Int8Array],
  [2, Uint16Array],
  [3, Int16Array],
  [4, Uint32Array],
  [5, Int32Array],
  [6, Float32Array],
  [7, Uint8Array],
  [10, BigUint64Array],
  [11, BigInt64Array],
  [12, Float64Array],
]);

/** Reads a value's type and the value. Throws GgufFault or OutOfBytes; `key` names it in errors. */
export function readGgufValue(cursor: GgufCursor, key: string): GgufValue {
  const type = cursor.uint32();
  if (type === arrayType) return readArray(cursor, key, 1);
  const read = scalars.get(type);
  if (!read) throw new GgufFault(`value “${key}” has the type ${type}, which is unknown`);
  return read(cursor);
}

function readArray(cursor: GgufCursor, key: string, depth: number): GgufArray {
  if (depth > ggufLimits.arrayDepth) throw new GgufFault(`value “${key}” nests lists more than ${ggufLimits.arrayDepth} deep`);
  const type = cursor.uint32();
  const length = cursor.count(`length of the list “${key}”`, ggufLimits.arrayLength);
  const Packed = packed.get(type);
  if (Packed) return new Packed(cursor.copy(length * Packed.BYTES_PER_ELEMENT).buffer);
  if (type === stringType) {
    cursor.require(length * 8);
    return Array.from({ length }, () => cursor.text(`a string in “${key}”`, ggufLimits.stringBytes));
  }
  if (type !== arrayType) throw new GgufFault(`list “${key}” holds the type ${type}, which is unknown`);
  cursor.require(length * 12);
  return Array.from({ length }, () => readArray(cursor, key, depth + 1));
}

function readFlag(cursor: GgufCursor): boolean {
  const value = cursor.uint8();
  if (value > 1) throw new GgufFault(`values hold a flag of ${value}, which is neither 0 nor 1`);
  return value === 1;
}

function exactNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
