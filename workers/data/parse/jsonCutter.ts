import { TuneletError } from '../../api/errors';
import { limits } from '../limits';

const QUOTE = 34;
const BACKSLASH = 92;
const LINE_FEED = 10;

/** What a document is made of, as far as a table goes: rows, or columns as lists of values. */
export interface JsonParts {
  /** One element of the list of objects, as it is written. */
  row: (text: string, line: number) => void;
  /** One value of a column's list. */
  cell: (column: string, text: string, line: number) => void;
  /** A list of objects begins, under its path; rows of the first are taken. False: leave it out. */
  list: (path: string) => boolean;
}

/** `name`: under which it stands. `key`: the name read last, whose value is to come; empty: a name is to come. */
type Container =
  { kind: 'object'; name: string; key: string } | { kind: 'list'; name: string; role: 'open' | 'rows' | 'column' | 'skipped' };

type State = 'structure' | 'key' | 'value';

/**
 * Walks through a JSON document of any length, piece by piece, and cuts out the elements of its lists without building the document:
 * only one element is ever held. What an element is is left to `JSON.parse`. Throws data/bad-json and data/record-too-long.
 */
export class JsonCutter {
  readonly #parts: JsonParts;
  readonly #file: string;
  readonly #stack: Container[] = [];
  #state: State = 'structure';
  #line = 1;
  #started = false;
  /** Of the key or value under way: its text so far, where it began, how deep it is. */
  #held: string[] = [];
  #heldLength = 0;
  #heldLine = 1;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #isKept = false;

  constructor(file: string, parts: JsonParts) {
    this.#file = file;
    this.#parts = parts;
  }

  push(text: string): void {
    let start = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === LINE_FEED) this.#line += 1;
      if (this.#state === 'structure') {
        if (this.#structure(code)) start = at;
        continue;
      }
      const end = this.#advance(code);
      if (end === 'goes-on') continue;
      // A number or a word ends before the character that follows it, which is structure again.
      const past = end === 'with-this' ? at + 1 : at;
      this.#hold(text.slice(start, past));
      this.#finishValue();
      if (end === 'before-this' && this.#structure(code)) start = at;
    }
    if (this.#state !== 'structure') this.#hold(text.slice(start));
  }

  finish(): void {
    if (!this.#started || this.#stack.length > 0 || this.#state !== 'structure')
      throw this.#fault(this.#line, 'it ends before its last list or object does');
  }

  /** One character between values; true where it begins a key or a value. */
  #structure(code: number): boolean {
    const character = String.fromCharCode(code);
    if (' \t\r\n,:'.includes(character)) return false;
    const top = this.#stack.at(-1);
    if (top === undefined) {
      if (this.#started) throw this.#fault(this.#line, 'something stands behind its end');
      this.#started = true;
      this.#open(character, '');
      return false;
    }
    if (character === (top.kind === 'object' ? '}' : ']')) {
      this.#stack.pop();
      return false;
    }
    if (top.kind === 'list') return this.#element(character, top);
    if (character === '"' && top.key === '') {
      this.#begin('key', character, true);
      return true;
    }
    if (top.key === '') throw this.#fault(this.#line, `“${character}” stands where a name should`);
    const { key } = top;
    top.key = '';
    if (character === '{' || character === '[') {
      this.#open(character, key);
      return false;
    }
    this.#begin('value', character, false);
    return true;
  }

  #open(character: string, key: string): void {
    if (this.#stack.length >= limits.nesting) throw this.#fault(this.#line, `it is nested deeper than ${limits.nesting}`);
    if (character === '{') this.#stack.push({ kind: 'object', name: key, key: '' });
    else if (character === '[') this.#stack.push({ kind: 'list', name: key, role: 'open' });
    else throw this.#fault(this.#line, `it begins with “${character}”`);
  }

  #element(character: string, list: Extract<Container, { kind: 'list' }>): boolean {
    if (list.role === 'open') {
      if (character === '{') list.role = this.#parts.list(this.#path()) ? 'rows' : 'skipped';
      else if (this.#stack.length > 1) list.role = character === '[' ? 'skipped' : 'column';
      else throw this.#fault(this.#line, 'its list holds no objects');
    }
    this.#begin('value', character, list.role !== 'skipped');
    return true;
  }

  /** Names on the way from the document to the list under way. */
  #path(): string {
    return this.#stack
      .map(({ name }) => name)
      .filter((name) => name !== '')
      .join('.');
  }

  #begin(state: 'key' | 'value', character: string, isKept: boolean): void {
    this.#state = state;
    this.#isKept = isKept;
    this.#held = [];
    this.#heldLength = 0;
    this.#heldLine = this.#line;
    this.#inString = character === '"';
    this.#escaped = false;
    this.#depth = character === '{' || character === '[' ? 1 : 0;
    this.#isBare = !this.#inString && this.#depth === 0;
  }

  /** The value is a number or a word, which ends where something else begins. */
  #isBare = false;

  #advance(code: number): 'goes-on' | 'with-this' | 'before-this' {
    if (this.#isBare) {
      const isOver = code === 44 || code === 93 || code === 125 || code === 32 || (code >= 9 && code <= 13);
      return isOver ? 'before-this' : 'goes-on';
    }
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (code === BACKSLASH) this.#escaped = true;
      else if (code === QUOTE) {
        this.#inString = false;
        if (this.#depth === 0) return 'with-this';
      }
      return 'goes-on';
    }
    if (code === QUOTE) this.#inString = true;
    else if (code === 123 || code === 91) this.#depth += 1;
    else if (code === 125 || code === 93) {
      this.#depth -= 1;
      if (this.#depth === 0) return 'with-this';
    }
    return 'goes-on';
  }

  #hold(text: string): void {
    this.#heldLength += text.length;
    if (this.#isKept) this.#held.push(text);
    if (this.#heldLength > limits.recordBytes) throw this.#tooLong();
  }

  #finishValue(): void {
    const text = this.#held.join('');
    const isKey = this.#state === 'key';
    this.#state = 'structure';
    const top = this.#stack.at(-1);
    if (top === undefined) return;
    if (isKey && top.kind === 'object') top.key = this.#name(text);
    else if (top.kind === 'list' && top.role === 'rows') this.#parts.row(text, this.#heldLine);
    else if (top.kind === 'list' && top.role === 'column') this.#parts.cell(this.#path(), text, this.#heldLine);
  }

  #name(text: string): string {
    try {
      // A name without characters could not be told from none.
      return String(JSON.parse(text)) || ' ';
    } catch {
      throw this.#fault(this.#heldLine, 'a name in it is no JSON text');
    }
  }

  #tooLong(): TuneletError {
    const line = this.#heldLine;
    return new TuneletError(
      'data/record-too-long',
      `Reading ${this.#file}, the value that begins on line ${line} is longer than ${limits.recordBytes.toLocaleString('en')} characters.`,
      `Shorten or remove the record on line ${line}.`,
      { file: this.#file, line, insideQuotes: this.#inString },
    );
  }

  #fault(line: number, what: string): TuneletError {
    return badJson(this.#file, line, what);
  }
}

export function badJson(file: string, line: number, what: string): TuneletError {
  return new TuneletError(
    'data/bad-json',
    `Reading ${file}, it is no JSON that holds a table: on line ${line} ${what}.`,
    'Write a list of objects, or an object whose members are lists of one length; or one object a line.',
    { file, line },
  );
}
