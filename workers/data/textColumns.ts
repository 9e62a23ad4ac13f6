import type { Column } from './column';

/** A column whose texts are made from another's when they are read. */
export function mappedColumn(column: Column, change: (text: string) => string): Column {
  return { length: column.length, at: (row) => change(column.at(row)), coded: null };
}

/** Sentence pairs: the first column's text, the joiner, the second's. A row that lacks either has an empty text. */
export function joinedColumn(first: Column, second: Column, joiner: string): Column {
  return {
    length: first.length,
    at: (row) => {
      const [a, b] = [first.at(row), second.at(row)];
      return a.trim() === '' || b.trim() === '' ? '' : a + joiner + b;
    },
    coded: null,
  };
}
