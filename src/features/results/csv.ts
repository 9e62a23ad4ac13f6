/**
 * Rows as CSV. A text cell that a spreadsheet would run as a formula gets a quote mark in front, as such programs do themselves;
 * a number is left as it is.
 */
export function toCsv(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [columns, ...rows].map((row) => row.map(cellOf).join(',')).join('\r\n') + '\r\n';
}

function cellOf(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
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
