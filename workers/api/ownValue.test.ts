import { expect, it } from 'vitest';
import { ownValue } from './ownValue';

it('gives what an object itself holds, also under the names of what every object inherits', () => {
  const record: Record<string, number> = JSON.parse('{"a":1,"__proto__":2,"constructor":3}');
  expect(['a', '__proto__', 'constructor'].map((name) => ownValue(record, name))).toEqual([1, 2, 3]);
  expect(['b', 'toString', '__proto__'].map((name) => ownValue({ a: 1 }, name))).toEqual([undefined, undefined, undefined]);
});
