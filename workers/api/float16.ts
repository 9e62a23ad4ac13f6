const floatView = new Float32Array(1);
const bitsView = new Uint32Array(floatView.buffer);

/** IEEE 754 binary16 bits of a number that is first rounded to float32; ties go to even. NaN stays NaN. */
export function float16Bits(value: number): number {
  floatView[0] = value;
  return roundToFloat16(bitsView[0]!);
}

/** The float32 that binary16 `bits` stand for. */
export function float32FromFloat16(bits: number): number {
  bitsView[0] = expandFloat16(bits);
  return floatView[0]!;
}

/** The float32 that bfloat16 `bits` stand for: they are its upper half. */
export function float32FromBfloat16(bits: number): number {
  bitsView[0] = (bits << 16) >>> 0;
  return floatView[0]!;
}

/** Rounds every value to binary16 bits; `float16Bits` for arrays. */
export function toFloat16Array(values: Float32Array): Uint16Array<ArrayBuffer> {
  const source = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < halves.length; i++) halves[i] = roundToFloat16(source[i]!);
  return halves;
}

let expanded: Float32Array | null = null;

/** Exact; reads a table of all 65,536 patterns, built at first use (256 KB). */
export function fromFloat16Array(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const table = (expanded ??= float16Table());
  const values = new Float32Array(halves.length);
  for (let i = 0; i < values.length; i++) values[i] = table[halves[i]!]!;
  return values;
}

/** Exact. */
export function fromBfloat16Array(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < bits.length; i++) bits[i] = halves[i]! << 16;
  return values;
}

function float16Table(): Float32Array {
  const table = new Float32Array(65536);
  const bits = new Uint32Array(table.buffer);
  for (let half = 0; half < 65536; half++) bits[half] = expandFloat16(half);
  return table;
}

function roundToFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  // A NaN keeps the top of its payload; the quiet bit is set, so that it cannot turn into infinity.
  if (magnitude > 0x7f800000) return sign | 0x7e00 | ((magnitude >>> 13) & 0x1ff);
  // 65520, half a step above the largest float16, is the first to round to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  // From 2^-14 up: shift the exponent's bias from 127 to 15 and round away 13 bits of the fraction.
  if (magnitude >= 0x38800000) return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  // 2^-25 is half the smallest subnormal: a tie with the even zero.
  if (magnitude <= 0x33000000) return sign;
  const shift = 126 - (magnitude >>> 23);
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const kept = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  const up = rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0;
  return sign | (kept + up);
}

function expandFloat16(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // A subnormal: bring its highest bit to the place of the implicit one.
  const lead = Math.clz32(fraction) - 21;
  return (sign | ((113 - lead) << 23) | ((fraction << (lead + 13)) & 0x7fffff)) >>> 0;
}
