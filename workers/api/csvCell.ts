/** What spreadsheets read formulas by, the signs of full width too, and what they skip before one. */
const formulaStart = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/**
 * A text as one cell of a CSV file. A spreadsheet takes a cell that begins like a formula for one; an apostrophe before it makes
 * it text, as such programs do themselves.
 */
export function csvCell(text: string): string {
  return quotedCell(formulaStart.test(text) ? `'${text}` : text);
}

/** As `csvCell`, for what cannot be a formula. */
export function quotedCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
