import { csvCell, quotedCell } from '../api/csvCell';
import type { RowForm } from './rowFile';

/** What a model says of a row; null where its text is empty. */
export interface RowLabel {
  label: number;
  /** One a class, in their order. */
  probabilities: ArrayLike<number>;
}

const lineEnd = '\r\n';
/** Numbers are no formulas, whatever they begin with. */
const plainNumber = /^[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?$/;

/**
 * Names of the columns that labels take: the label, its probability, and each class's. One that the table has already is followed by a
 * number.
 */
export function addedNames(labels: readonly string[], taken: readonly string[]): string[] {
  const all = new Set(taken);
  return ['predicted_label', 'probability', ...labels.map((label) => `probability_${label}`)].map((wanted) => {
    let name = wanted;
    for (let copy = 2; all.has(name); copy += 1) name = `${wanted}_${copy}`;
    all.add(name);
    return name;
  });
}

/** Writes labelled rows as text: a table's as CSV, objects as JSON lines. */
export class OutputFormat {
  readonly #form: RowForm;
  readonly #labels: readonly string[];
  readonly #added: readonly string[];

  constructor(form: RowForm, labels: readonly string[], added: readonly string[]) {
    this.#form = form;
    this.#labels = labels;
    this.#added = added;
  }

  /** What stands before the first row: names as the table has them, which may be empty or there twice. */
  header(columns: readonly string[]): string {
    if (this.#form === 'objects') return '';
    // With the mark by which spreadsheets know UTF-8.
    return `\ufeff${[...columns, ...this.#added].map(csvCell).join(',')}${lineEnd}`;
  }

  /** `line`: as the file of rows has it; `fields`: its columns. */
  row(line: string, fields: readonly string[], found: RowLabel | null): string {
    return this.#form === 'objects' ? this.#object(line, found) : this.#cells(fields, found);
  }

  #cells(fields: readonly string[], found: RowLabel | null): string {
    const numbers = this.#added.slice(2);
    const added = found
      ? [csvCell(this.#labels[found.label] ?? ''), rounded(found, found.label), ...numbers.map((_, at) => rounded(found, at))]
      : this.#added.map(() => '');
    return [...fields.map(tableCell), ...added].join(',') + lineEnd;
  }

  /** The object as it came with the new members at its end: numbers stay as long as they are. */
  #object(line: string, found: RowLabel | null): string {
    const [labelName = '', probabilityName = '', ...names] = this.#added;
    const members: [string, string][] = [
      [labelName, found ? JSON.stringify(this.#labels[found.label] ?? '') : 'null'],
      [probabilityName, found ? rounded(found, found.label) : 'null'],
      ...names.map((name, at): [string, string] => [name, found ? rounded(found, at) : 'null']),
    ];
    const written = members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',');
    const open = line.slice(0, line.lastIndexOf('}')).trimEnd();
    return `${open}${open === '{' ? '' : ','}${written}}\n`;
  }
}

/** As `csvCell`, but what is a number stays one. */
function tableCell(text: string): string {
  return plainNumber.test(text) ? quotedCell(text) : csvCell(text);
}

function rounded({ probabilities }: RowLabel, at: number): string {
  return (probabilities[at] ?? 0).toFixed(6);
}
