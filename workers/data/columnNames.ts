import { TuneletError } from '../api/errors';
import { limits } from './limits';

/** Names of a table's columns as its rows arrive, made distinct and bounded in number. */
export class ColumnNames {
  readonly warnings: { code: string; message: string }[] = [];
  readonly #file: string;
  #names: string[] | null = null;
  /** Of columns that came by name: as they were named there, with their places. */
  readonly #places = new Map<string, number>();

  constructor(file: string) {
    this.#file = file;
  }

  /** Null before the first row or header. */
  get all(): string[] | null {
    return this.#names;
  }

  get count(): number {
    return this.#names?.length ?? 0;
  }

  /** As they came by name, in the order of `all`. */
  get given(): Iterable<string> {
    return this.#places.keys();
  }

  /**
   * Takes a header; true for the first. A further file of the same table must have the same. Throws data/missing-column and
   * data/too-many-columns.
   */
  header(fields: readonly string[]): boolean {
    this.#checkWidth(fields.length);
    const names = this.#distinct(fields);
    if (this.#names === null) {
      this.#names = names;
      return true;
    }
    if (names.join('\n') !== this.#names.join('\n')) throw this.#otherHeader(names);
    return false;
  }

  /** Opens the columns of a row that brings its own names, `onOpened` once for each not met before. Throws data/too-many-columns. */
  open(given: Iterable<string>, onOpened: () => void = () => {}): void {
    this.#names ??= [];
    for (const name of given) {
      if (this.#places.has(name)) continue;
      this.#checkWidth(this.#names.length + 1);
      this.#places.set(name, this.#names.length);
      this.#names.push(distinctName(name, this.#names.length, new Set(this.#names)));
      onOpened();
    }
  }

  #distinct(header: readonly string[]): string[] {
    const taken = new Set<string>();
    return header.map((field, index) => {
      const name = distinctName(field, index, taken);
      if (name !== field.trim() && field.trim() !== '' && this.#names === null) this.#warnOfName(field.trim(), name);
      taken.add(name);
      return name;
    });
  }

  #warnOfName(name: string, used: string): void {
    this.warnings.push({
      code: 'duplicate-column',
      message: `Two columns are called “${short(name)}”; one is “${short(used)}” here.`,
    });
  }

  #checkWidth(width: number): void {
    if (width <= limits.columns) return;
    throw new TuneletError(
      'data/too-many-columns',
      `Reading ${this.#file}, it has ${width.toLocaleString('en')} columns or more. At most ${limits.columns.toLocaleString('en')} are read.`,
      'Keep the columns of texts, labels and what you group by, and leave out the others.',
      { file: this.#file, columns: width, limit: limits.columns },
    );
  }

  #otherHeader(columns: readonly string[]): TuneletError {
    return new TuneletError(
      'data/missing-column',
      `Reading ${this.#file}, its parts have different columns: ${(this.#names ?? []).slice(0, 6).map(short).join(', ')} and ${columns.slice(0, 6).map(short).join(', ')}.`,
      'Give all parts of a table the same header.',
      { file: this.#file },
    );
  }
}

/** Without white space around it; a name that is taken becomes "text (2)", an empty one "column 3". */
function distinctName(field: string, index: number, taken: ReadonlySet<string>): string {
  const name = field.trim() || `column ${index + 1}`;
  let distinct = name;
  for (let copy = 2; taken.has(distinct); copy += 1) distinct = `${name} (${copy})`;
  return distinct;
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
