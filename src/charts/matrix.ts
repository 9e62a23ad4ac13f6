import type { CSSProperties } from 'react';
import { formatCount, formatPercent } from '../ui/format';
import { shadeOf } from './scale';

/** Whose matrix: each has its own ramp. */
export type MatrixRole = 'base' | 'tuned';

export interface MatrixCell {
  /** Class indices: rows are true, columns predicted; one more than the last class is “no label”. */
  actual: number;
  predicted: number;
}

/** Above this many classes a matrix shows shades alone. */
export const mostNamedClasses = 12;

/** The column of answers that name no class. */
export const noLabel = 'no label';

/** The class of a column, or what the column after the last class counts. */
export function columnName(labels: readonly string[], predicted: number): string {
  return labels[predicted] ?? noLabel;
}

/** As many as there are classes, and one more where answers were written. */
export function columnCount(counts: readonly (readonly number[])[]): number {
  return counts[0]?.length ?? 0;
}

/** For the width of the row names: the longest label's letters, as a CSS variable of the element around a matrix. */
export function labelWidth(labels: readonly string[]): CSSProperties & Record<'--letters', number> {
  return { '--letters': Math.max(1, ...labels.map((label) => label.length)) };
}

export interface Confusion extends MatrixCell {
  count: number;
  /** Share of the true class. */
  share: number;
}

export function rowTotal(counts: readonly (readonly number[])[], actual: number): number {
  return (counts[actual] ?? []).reduce((sum, count) => sum + count, 0);
}

export function countAt(counts: readonly (readonly number[])[], cell: MatrixCell): number {
  return counts[cell.actual]?.[cell.predicted] ?? 0;
}

/** Every kind of wrong answer that occurs, most texts first. */
export function confusionsOf(counts: readonly (readonly number[])[]): Confusion[] {
  const found: Confusion[] = [];
  counts.forEach((row, actual) => {
    const total = rowTotal(counts, actual);
    row.forEach((count, predicted) => {
      if (count > 0 && predicted !== actual) found.push({ actual, predicted, count, share: total === 0 ? 0 : count / total });
    });
  });
  return found.sort((first, second) => second.count - first.count || second.share - first.share);
}

/** "true praise, predicted complaint: 18 of 144, 13 %". */
export function cellSentence(labels: readonly string[], counts: readonly (readonly number[])[], cell: MatrixCell): string {
  const total = rowTotal(counts, cell.actual);
  const count = countAt(counts, cell);
  const share = total === 0 ? '' : `, ${formatPercent(count / total, 0)}`;
  return `true ${labels[cell.actual] ?? ''}, predicted ${columnName(labels, cell.predicted)}: ${formatCount(count)} of ${formatCount(total)}${share}`;
}

/** Background and text colour of a cell by its share of the row. */
export function cellColours(role: MatrixRole, share: number): { background: string; color: string } {
  const shade = shadeOf(share);
  return { background: `var(--${role}-${shade})`, color: `var(--cell-${shade})` };
}

/** Where an arrow key leads in a matrix of so many rows and columns; null for a key that does not move. */
export function movedCell(cell: MatrixCell, key: string, rows: number, columns = rows): MatrixCell | null {
  const last = columns - 1;
  const { actual, predicted } = cell;
  if (key === 'ArrowUp') return { actual: Math.max(0, actual - 1), predicted };
  if (key === 'ArrowDown') return { actual: Math.min(rows - 1, actual + 1), predicted };
  if (key === 'ArrowLeft') return { actual, predicted: Math.max(0, predicted - 1) };
  if (key === 'ArrowRight') return { actual, predicted: Math.min(last, predicted + 1) };
  if (key === 'Home') return { actual, predicted: 0 };
  if (key === 'End') return { actual, predicted: last };
  return null;
}
