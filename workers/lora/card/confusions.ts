import { code } from './markdown';

/** Texts of one class that were taken for another. */
export interface Confusion {
  actual: number;
  predicted: number;
  count: number;
  /** Texts of the true class. */
  texts: number;
  /** Of these, 0 to 1. */
  share: number;
}

/** Every kind of mistake in a confusion matrix (rows true, columns predicted; a last column may count answers without a label). */
export function confusions(matrix: readonly (readonly number[])[]): Confusion[] {
  return matrix.flatMap((row, actual) => {
    const texts = row.reduce((sum, count) => sum + count, 0);
    return row.flatMap((count, predicted) =>
      predicted === actual || count === 0 ? [] : [{ actual, predicted, count, texts, share: count / texts }],
    );
  });
}

/** A class as the card writes it, or that there is none. */
export function nameOf(labels: readonly string[], index: number): string {
  return code(labels[index] ?? 'no label');
}
