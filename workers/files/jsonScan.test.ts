import { expect, test } from 'vitest';
import { findJsonFault } from './jsonScan';

test.each([
  ['{"a":1,"b":{"a":2}}', null],
  ['[{"a":1},{"a":2}]', null],
  ['{"a":"a","b":"a:"}', null],
  ['{"a\\"":1,"a":2}', null],
  ['{"a":1,"b":2,"a" \n:3}', { kind: 'duplicate-key', value: 'a' }],
  ['{"x":{"k":1,"k":1}}', { kind: 'duplicate-key', value: 'k' }],
  ['{"\\u0061":1,"a":2}', { kind: 'duplicate-key', value: 'a' }],
  ['[[[[1]]]]', { kind: 'too-deep', value: '4' }],
  ['{"unfinished', null],
  [']]]{{', null],
])('%s', (text, fault) => {
  expect(findJsonFault(text, 3)).toEqual(fault);
});
