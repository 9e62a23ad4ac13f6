import { describe, expect, it } from 'vitest';
import { ColumnBuilder } from './column';

describe('a column that begins below the first row', () => {
  it.each([0, 1, 300])('has %i empty texts first, whether its values are few or many', (empty) => {
    for (const count of [3, 5000]) {
      const texts = Array.from({ length: count }, (_, index) => `value ${index}`);
      const builder = new ColumnBuilder();
      builder.beginEmpty(empty);
      for (const text of ['', ...texts]) builder.push(text);
      const column = builder.finish();
      expect(column.coded === null).toBe(count > 2000);
      expect(Array.from({ length: column.length }, (_, row) => column.at(row))).toEqual([...Array(empty + 1).fill(''), ...texts]);
    }
  });

  it('is refused where texts stand already', () => {
    const builder = new ColumnBuilder();
    builder.push('a');
    expect(() => builder.beginEmpty(1)).toThrow('new column');
  });
});

describe('a column with long texts', () => {
  it('gives back long and short ones in their order, and weighs a repeated one as often as it stands', () => {
    const long = (letter: string): string => `${letter}é`.repeat(200_000);
    const texts = ['short', long('a'), long('a'), '', 'next', long('b'), long('a'), 'last', ...Array<string>(5000).fill('x y')];
    const builder = new ColumnBuilder();
    const weight = new TextEncoder().encode(texts.join('')).length + texts.length * 4;
    expect(builder.heldBytesWith(texts)).toBeGreaterThan(4 * long('a').length);
    for (const text of texts) builder.push(text);
    expect(builder.heldBytes).toBe(weight);
    const column = builder.finish();
    const isSame = texts.map((text, row) => column.at(row) === text);
    expect(isSame).not.toContain(false);
  });

  it('knows what few values would weigh that stand in many rows', () => {
    const builder = new ColumnBuilder();
    const labels = Array.from({ length: 10_000 }, (_, row) => (row % 2 ? 'yes' : 'no'));
    const expected = builder.heldBytesWith(labels);
    for (const label of labels) builder.push(label);
    expect(builder.heldBytes).toBe(expected);
  });
});
