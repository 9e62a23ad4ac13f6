import type { Fail } from './fail';

const STOP = 0;
const BOOLEAN_TRUE = 1;
const BOOLEAN_FALSE = 2;
const BYTE = 3;
const I16 = 4;
const I32 = 5;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

const deepest = 24;
/** Ten groups of seven bits hold 64 bits. */
const longestVarint = 10;

/**
 * Walks through one structure in Thrift's compact protocol and gives the place behind it, without building anything: lengths and counts
 * must fit what is left, nesting and the number of values have limits. Calls `fail` with what is wrong.
 */
export function checkThrift(bytes: Uint8Array, start: number, mostValues: number, fail: Fail): number {
  let at = start;
  let values = 0;
  const byte = (): number => bytes[at++] ?? fail('a structure in it ends too soon');
  const varint = (): number => {
    let value = 0;
    for (let group = 0; group < longestVarint; group += 1) {
      const next = byte();
      value += (next & 0x7f) * 2 ** (7 * group);
      if (next < 0x80) return value;
    }
    return fail('a number in it has too many bytes');
  };
  const skip = (count: number): void => {
    if (count > bytes.length - at) fail('a length in it is more than what is left');
    at += count;
  };
  const value = (type: number, depth: number, inList: boolean): void => {
    values += 1;
    if (values > mostValues) fail(`it is described by more than ${mostValues} values`);
    if (type === BOOLEAN_TRUE || type === BOOLEAN_FALSE) skip(inList ? 1 : 0);
    else if (type === BYTE) skip(1);
    else if (type === I16 || type === I32 || type === I64) varint();
    else if (type === DOUBLE) skip(8);
    else if (type === BINARY) skip(varint());
    else if (type === LIST) list(depth);
    else if (type === STRUCT) struct(depth + 1);
    else fail(`it has a value of the unknown type ${type}`);
  };
  const list = (depth: number): void => {
    const head = byte();
    const count = head >> 4 === 15 ? varint() : head >> 4;
    if (count > bytes.length - at) fail('a list in it is longer than what is left');
    for (let index = 0; index < count; index += 1) value(head & 15, depth + 1, true);
  };
  const struct = (depth: number): void => {
    if (depth > deepest) fail('its description is nested too deep');
    for (;;) {
      const head = byte();
      if ((head & 15) === STOP) return;
      if (head >> 4 === 0) varint();
      value(head & 15, depth, false);
    }
  };
  struct(0);
  return at;
}
