import { expect, test } from 'vitest';
import { toCsv } from './csv';

test('quotes commas, quotes and line breaks', () => {
  expect(
    toCsv(
      ['text', 'label'],
      [
        ['a, b', 'say "no"'],
        ['two\nlines', 'plain'],
      ],
    ),
  ).toBe('text,label\r\n"a, b","say ""no"""\r\n"two\nlines",plain\r\n');
});

test('a cell that a spreadsheet would run as a formula becomes text; numbers stay numbers', () => {
  expect(toCsv(['text'], [['=1+1'], ['+4'], ['-2'], ['@A1'], ['\tx'], ['safe = text'], ['=A1,"b"']])).toBe(
    ['text', "'=1+1", "'+4", "'-2", "'@A1", "'\tx", 'safe = text', '"\'=A1,""b"""', ''].join('\r\n'),
  );
  expect(toCsv(['share'], [[-0.5], [0.25]])).toBe('share\r\n-0.5\r\n0.25\r\n');
});
