import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonRow, jsonScalar } from './jsonRow';

const fieldsOf = (text: string): unknown => {
  const row = jsonRow(text);
  return typeof row === 'string' ? row : Object.fromEntries(row);
};

describe('numbers of JSON', () => {
  it('keep all their digits where they are whole, as identifiers are', () => {
    expect(
      fieldsOf('{"id": 12345678901234567891, "inner": {"id":-9007199254740993}, "x": 1e3, "y": 0.12345678901234566}'),
    ).toEqual({
      id: '12345678901234567891',
      'inner.id': '-9007199254740993',
      x: '1000',
      y: '0.12345678901234566',
    });
    expect(jsonScalar(' 9007199254740993 ')).toBe('9007199254740993');
    expect(jsonScalar('-2.5')).toBe('-2.5');
  });

  it('in texts and names are left alone', () => {
    expect(fieldsOf('{"a \\" 12345678901234567": "\\\\", "b": "call 12345678901234567, \\"12345678901234567\\""}')).toEqual({
      'a " 12345678901234567': '\\',
      b: 'call 12345678901234567, "12345678901234567"',
    });
  });

  it.each(['{12345678901234567: 1}', '{"a": 012345678901234567}', '{"a": 1 12345678901234567}', '{"a": --12345678901234567}'])(
    'make no row of what is no JSON: %s',
    (text) => expect(jsonRow(text)).toBe('broken-json'),
  );

  it('past all bounds are refused wherever they stand', () => {
    expect(jsonRow('{"a": -1e400}')).toBe('number-too-large');
    expect(jsonScalar('1e400')).toBeNull();
    expect(jsonScalar('null')).toBe('');
  });

  it('are read as they were written (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt()), fc.string(), (numbers, text) => {
        const members = numbers.map((number, index) => `"${index}":${number}`);
        const wanted = new Map([...numbers.map((number, index) => [String(index), String(number)] as const), ['text', text]]);
        expect(jsonRow(`{${[...members, `"text":${JSON.stringify(text)}`].join(',')}}`)).toEqual(wanted);
      }),
    );
  });
});
