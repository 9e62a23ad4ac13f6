import { doubleBytes, floatBytes, signed, unsigned } from './encoding';

/** Typed expressions of WebAssembly: each function returns the instructions that leave one value on the stack. */

export type ValueType = 'i32' | 'f32' | 'f64' | 'v128';

export interface Expression<T extends ValueType> {
  readonly type: T;
  readonly code: readonly number[];
}

export type I32 = Expression<'i32'>;
export type F32 = Expression<'f32'>;
export type F64 = Expression<'f64'>;
export type V128 = Expression<'v128'>;

/** Integers and floats may be given as numbers. */
export type Integer = I32 | number;
export type Float = F32 | number;

const simd = 0xfd;
const atomic = 0xfe;

function make<T extends ValueType>(type: T, opcode: readonly number[], ...operands: Expression<ValueType>[]): Expression<T> {
  return { type, code: [...operands.flatMap((operand) => operand.code), ...opcode] };
}

/** WebAssembly's own immediates of a memory access: log2 of the alignment, and a constant offset in bytes. */
function access(alignment: number, offset: number): number[] {
  return [...unsigned(alignment), ...unsigned(offset)];
}

export function integer(value: Integer): I32 {
  return typeof value === 'number' ? { type: 'i32', code: [0x41, ...signed(value)] } : value;
}

export function float(value: Float): F32 {
  return typeof value === 'number' ? { type: 'f32', code: [0x43, ...floatBytes(value)] } : value;
}

export function double(value: number): F64 {
  return { type: 'f64', code: [0x44, ...doubleBytes(value)] };
}

const integers =
  (opcode: number) =>
  (a: Integer, b: Integer): I32 =>
    make('i32', [opcode], integer(a), integer(b));

/** Comparisons are signed: addresses are kept below 2 GiB only where they are compared, offsets always. */
export const i32 = {
  load: (address: I32, offset = 0): I32 => make('i32', [0x28, ...access(2, offset)], address),
  isZero: (value: I32): I32 => make('i32', [0x45], value),
  equal: integers(0x46),
  differ: integers(0x47),
  less: integers(0x48),
  lessUnsigned: integers(0x49),
  greater: integers(0x4a),
  lessOrEqual: integers(0x4c),
  greaterOrEqual: integers(0x4e),
  add: integers(0x6a),
  sub: integers(0x6b),
  mul: integers(0x6c),
  /** Unsigned. */
  div: integers(0x6e),
  /** Unsigned. */
  remainder: integers(0x70),
  and: integers(0x71),
  or: integers(0x72),
  xor: integers(0x73),
  shl: integers(0x74),
  /** Unsigned. */
  shr: integers(0x76),
  min: (a: I32, b: I32): I32 => ({ type: 'i32', code: [...a.code, ...b.code, ...a.code, ...b.code, 0x48, 0x1b] }),
  max: (a: I32, b: I32): I32 => ({ type: 'i32', code: [...a.code, ...b.code, ...a.code, ...b.code, 0x4a, 0x1b] }),
  /** `a` where the condition holds, else `b`; both are computed. */
  select: (condition: I32, a: Integer, b: Integer): I32 => make('i32', [0x1b], integer(a), integer(b), condition),
  reinterpret: (value: F32): I32 => make('i32', [0xbc], value),
  atomicLoad: (address: I32, offset = 0): I32 => make('i32', [atomic, 0x10, ...access(2, offset)], address),
  /** Adds and returns what was there. */
  atomicAdd: (address: I32, value: Integer, offset = 0): I32 =>
    make('i32', [atomic, 0x1e, ...access(2, offset)], address, integer(value)),
  /** Sleeps while the word holds `expected`, until notified. */
  atomicWait: (address: I32, expected: I32, offset = 0): I32 =>
    make('i32', [0x42, 0x7f, atomic, 0x01, ...access(2, offset)], address, expected),
  atomicNotify: (address: I32, count: Integer, offset = 0): I32 =>
    make('i32', [atomic, 0x00, ...access(2, offset)], address, integer(count)),
};

const floats =
  (opcode: number) =>
  (a: Float, b: Float): F32 =>
    make('f32', [opcode], float(a), float(b));

export const f32 = {
  load: (address: I32, offset = 0): F32 => make('f32', [0x2a, ...access(2, offset)], address),
  differ: (a: Float, b: Float): I32 => make('i32', [0x5c], float(a), float(b)),
  less: (a: Float, b: Float): I32 => make('i32', [0x5d], float(a), float(b)),
  greater: (a: Float, b: Float): I32 => make('i32', [0x5e], float(a), float(b)),
  sqrt: (value: F32): F32 => make('f32', [0x91], value),
  add: floats(0x92),
  sub: floats(0x93),
  mul: floats(0x94),
  div: floats(0x95),
  min: floats(0x96),
  max: floats(0x97),
  demote: (value: F64): F32 => make('f32', [0xb6], value),
  convert: (value: I32): F32 => make('f32', [0xb2], value),
  reinterpret: (value: I32): F32 => make('f32', [0xbe], value),
};

const doubles =
  (opcode: number) =>
  (a: F64, b: F64): F64 =>
    make('f64', [opcode], a, b);

export const f64 = {
  add: doubles(0xa0),
  mul: doubles(0xa2),
  sqrt: (value: F64): F64 => make('f64', [0x9f], value),
  promote: (value: F32): F64 => make('f64', [0xbb], value),
};

const lanes =
  (...opcode: number[]) =>
  (a: V128, b: V128): V128 =>
    make('v128', [simd, ...opcode], a, b);

const lane =
  (...opcode: number[]) =>
  (a: V128): V128 =>
    make('v128', [simd, ...opcode], a);

/** Four lanes. Loads and stores need no alignment; `One` reads a single number into lane 0, the others being zero. */
export const v128 = {
  load: (address: I32, offset = 0): V128 => make('v128', [simd, 0x00, ...access(2, offset)], address),
  loadOne: (address: I32, offset = 0): V128 => make('v128', [simd, 0x5c, ...access(2, offset)], address),
  loadSplat: (address: I32, offset = 0): V128 => make('v128', [simd, 0x09, ...access(2, offset)], address),
  zero: { type: 'v128', code: [simd, 0x0c, ...new Array<number>(16).fill(0)] } satisfies V128,
  /** Bytes of `a` (0 to 15) and `b` (16 to 31). */
  shuffle: (a: V128, b: V128, ...bytes: number[]): V128 => make('v128', [simd, 0x0d, ...bytes], a, b),
  and: lanes(0x4e),
  or: lanes(0x50),
  xor: lanes(0x51),
  /** Bits of `a` where the mask has ones, else of `b`. */
  select: (mask: V128, a: V128, b: V128): V128 => make('v128', [simd, 0x52], a, b, mask),
};

export const f32x4 = {
  splat: (value: Float): V128 => make('v128', [simd, 0x13], float(value)),
  extract: (value: V128, index: number): F32 => make('f32', [simd, 0x1f, index], value),
  nearest: lane(0x6a),
  sqrt: lane(0xe3, 0x01),
  add: lanes(0xe4, 0x01),
  sub: lanes(0xe5, 0x01),
  mul: lanes(0xe6, 0x01),
  div: lanes(0xe7, 0x01),
  min: lanes(0xe8, 0x01),
  max: lanes(0xe9, 0x01),
  toIntegers: lane(0xf8, 0x01),
  /** a * b + c, rounded once or twice as the processor likes. */
  relaxedMadd: (a: V128, b: V128, c: V128): V128 => make('v128', [simd, 0x85, 0x02], a, b, c),
};

export const i32x4 = {
  splat: (value: Integer): V128 => make('v128', [simd, 0x11], integer(value)),
  constant: (a: number, b: number, c: number, d: number): V128 => ({
    type: 'v128',
    code: [simd, 0x0c, ...new Uint8Array(Int32Array.of(a, b, c, d).buffer)],
  }),
  shl: (value: V128, bits: number): V128 => make('v128', [simd, 0xab, 0x01], value, integer(bits)),
  /** Unsigned. */
  shr: (value: V128, bits: number): V128 => make('v128', [simd, 0xad, 0x01], value, integer(bits)),
  add: lanes(0xae, 0x01),
  mul: lanes(0xb5, 0x01),
  greaterOrEqual: lanes(0x3f),
};

/** Statements leave nothing on the stack. */
export const statement = {
  storeI32: (address: I32, value: Integer, offset = 0): number[] => [
    ...address.code,
    ...integer(value).code,
    0x36,
    ...access(2, offset),
  ],
  storeF32: (address: I32, value: Float, offset = 0): number[] => [
    ...address.code,
    ...float(value).code,
    0x38,
    ...access(2, offset),
  ],
  storeV128: (address: I32, value: V128, offset = 0): number[] => [
    ...address.code,
    ...value.code,
    simd,
    0x0b,
    ...access(2, offset),
  ],
  /** Lane 0 alone. */
  storeOne: (address: I32, value: V128, offset = 0): number[] => [
    ...address.code,
    ...value.code,
    simd,
    0x5a,
    ...access(2, offset),
    0,
  ],
  atomicStore: (address: I32, value: Integer, offset = 0): number[] => [
    ...address.code,
    ...integer(value).code,
    atomic,
    0x17,
    ...access(2, offset),
  ],
};
