import type { Column } from './column';

/** Sentence pairs: the first column's text, the joiner, the second's. A row that lacks either has an empty text. */
export class JoinedColumn implements Column {
  readonly coded = null;
  readonly first: Column;
  readonly second: Column;
  readonly joiner: string;

  constructor(first: Column, second: Column, joiner: string) {
    this.first = first;
    this.second = second;
    this.joiner = joiner;
  }

  get length(): number {
    return this.first.length;
  }

  at(row: number): string {
    return joinTexts([this.first.at(row), this.second.at(row)], this.joiner);
  }
}

/** A column whose texts are made from another's when they are read; of a pair each text by itself, so that the joiner stays. */
export function mappedColumn(column: Column, change: (text: string) => string): Column {
  if (column instanceof JoinedColumn) {
    const { first, second, joiner } = column;
    return new JoinedColumn(mappedColumn(first, change), mappedColumn(second, change), joiner);
  }
  return { length: column.length, at: (row) => change(column.at(row)), coded: null };
}

/** A row's text, or the two of a pair, and what stands between them. */
export function textsAt(column: Column, row: number): { texts: string[]; joiner: string } {
  if (!(column instanceof JoinedColumn)) return { texts: [column.at(row)], joiner: '' };
  return { texts: [column.first.at(row), column.second.at(row)], joiner: column.joiner };
}

export function joinTexts(texts: readonly string[], joiner: string): string {
  return texts.some((text) => text.trim() === '') ? '' : texts.join(joiner);
}

/** A text that someone typed, changed as `mappedColumn` changes those of a pair. */
export function changePair(text: string, joiner: string, change: (text: string) => string): string {
  const at = joiner === '' ? -1 : text.indexOf(joiner);
  return at < 0 ? change(text) : change(text.slice(0, at)) + joiner + change(text.slice(at + joiner.length));
}
