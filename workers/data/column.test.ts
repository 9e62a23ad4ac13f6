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
