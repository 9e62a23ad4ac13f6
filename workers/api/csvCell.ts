/**
 * A text as one cell of a CSV file. A spreadsheet takes a cell that begins like a formula for one; an apostrophe before it makes
 * it text, as such programs do themselves.
 */
export function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
