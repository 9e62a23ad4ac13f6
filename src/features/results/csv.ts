import { csvCell } from '../../../workers/api/csvCell';

/** Rows as CSV. Texts are safe against formulas; a number is left as it is. */
export function toCsv(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return (
    [columns, ...rows]
      .map((row) => row.map((cell) => (typeof cell === 'number' ? String(cell) : csvCell(cell))).join(','))
      .join('\r\n') + '\r\n'
  );
}

/** CSV as spreadsheets read it: UTF-8 with its mark. */
export function csvBlob(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): Blob {
  return new Blob(['\ufeff', toCsv(columns, rows)], { type: 'text/csv' });
}

/** Labels and names are data: only letters, digits and hyphens of them go into a file's name. */
export function fileName(words: string): string {
  return (
    words
      .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 80) || 'texts'
  );
}
