import { expect, test } from 'vitest';
import { readNames } from './readNames';

test('names stand one a line; blanks around them do not count', () => {
  expect(readNames(' yes \n\nno\r\n', 2)).toEqual({ names: ['yes', 'no'], problem: null });
});

test('a missing name and a double one are named', () => {
  expect(readNames('yes', 2).problem).toBe('The names and classes do not match: 1 for 2 classes. Write one name a line.');
  expect(readNames('yes\nyes', 2).problem).toContain('“yes” stands there twice');
});
