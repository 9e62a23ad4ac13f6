import type { Fail } from './fail';

/** Bit-packed runs come in groups of eight; writers may pad the last ones. */
const paddedGroups = 64;

/**
 * Checks numbers in Parquet's mix of runs and packed bits before they are unpacked: no run may have more than `count` values. Gives how
 * many of a width of one bit are 1, and the place behind what was looked at.
 */
export function checkHybrid(
  bytes: Uint8Array,
  start: number,
  width: number,
  count: number,
  fail: Fail,
): { ones: number; end: number } {
  if (width > 32) fail(`numbers of ${width} bits are announced`);
  const valueBytes = (width + 7) >> 3;
  let at = start;
  let seen = 0;
  let ones = 0;
  while (seen < count && at < bytes.length) {
    const head = readVarint(bytes, at, fail);
    at = head.end;
    if (head.value % 2 === 1) {
      const groups = (head.value - 1) / 2;
      if (groups * 8 > count - seen + paddedGroups * 8) fail('a run of packed numbers is longer than its page');
      const packed = bytes.subarray(at, at + groups * width);
      if (width === 1) ones += onesIn(packed, Math.min(count - seen, groups * 8));
      at += groups * width;
      seen += groups * 8;
    } else {
      const run = head.value / 2;
      if (run > count - seen) fail('a run of equal numbers is longer than its page');
      if (width === 1 && (bytes[at] ?? 0) === 1) ones += run;
      at += valueBytes;
      seen += run;
    }
  }
  return { ones, end: at };
}

function onesIn(packed: Uint8Array, bits: number): number {
  let ones = 0;
  for (let bit = 0; bit < bits; bit += 1) ones += ((packed[bit >> 3] ?? 0) >> (bit & 7)) & 1;
  return ones;
}

/** At most five bytes, as counts have 32 bits. */
export function readVarint(bytes: Uint8Array, start: number, fail: Fail): { value: number; end: number } {
  let value = 0;
  for (let group = 0; group < 5; group += 1) {
    const byte = bytes[start + group] ?? fail('a page ends within a number');
    value += (byte & 0x7f) * 2 ** (7 * group);
    if (byte < 0x80) return { value, end: start + group + 1 };
  }
  return fail('a count in a page has too many bytes');
}
