import { TuneletError } from '../../api/errors';
import { limits } from '../limits';

const QUOTE = 34;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;

/** Longer records are refused: a quotation mark that is never closed would otherwise gather the rest of the file. */
const longestRecordCharacters = limits.recordBytes;

/** What the page may offer after these errors. */
const offer = 'leave-out-broken-rows';

const FIELD_START = 0;
const UNQUOTED = 1;
const QUOTED = 2;
/** After a quotation mark inside a quoted field: an end, or the first half of a doubled one. */
const CLOSED = 3;
/** After spaces behind a closed field. */
const CLOSED_SPACE = 4;

export interface Dialect {
  delimiter: string;
  /** False where a quotation mark is an ordinary character. */
  quoting: boolean;
}

/**
 * Cuts text at record boundaries, in one pass over every character: papaparse re-scans an unfinished record from its start with each
 * chunk. Records leave ended by one LF, whatever ended them; line ends inside quotes stay as they are.
 */
export class RecordCutter {
  /** The line, counted from 1, that is being read. */
  #line = 1;
  #recordLine = 1;
  #quoteLine = 1;
  /** Where the line began, counted from the start of the text being taken; negative in an earlier piece. */
  #lineStart = 0;
  #quoteColumn = 1;
  #state = FIELD_START;
  #pending: string[] = [];
  #pendingLength = 0;
  /** The last character of the text so far was CR, and whether it ended a record. */
  #afterReturn = false;
  #returnEndedRecord = false;
  /** After something was thrown: the records before, and all from the start of the one that broke. */
  #broken: { before: string; open: string } | null = null;
  readonly #delimiter: number;
  readonly #quoting: boolean;
  readonly #fileName: string;

  constructor(dialect: Dialect, fileName: string) {
    this.#delimiter = dialect.delimiter.charCodeAt(0);
    this.#quoting = dialect.quoting;
    this.#fileName = fileName;
  }

  /** Takes any piece of text; returns the records that are complete now. Throws data/unbalanced-quotes and data/record-too-long. */
  push(text: string): string {
    const pieces: string[] = [];
    let pieceStart = 0;
    let complete = 0;
    const breakOff = (): void => {
      const before = complete > 0 ? this.#pending.join('') + pieces.join('') + text.slice(pieceStart, complete) : '';
      this.#broken = { before, open: (complete > 0 ? '' : this.#pending.join('')) + text.slice(complete) };
    };
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code !== LINE_FEED && code !== CARRIAGE_RETURN) {
        if (!this.#advance(code, index)) {
          breakOff();
          throw this.#textAfterQuote();
        }
        this.#afterReturn = false;
        this.#returnEndedRecord = false;
      } else if (code === LINE_FEED && this.#afterReturn) {
        // The second half of CR LF: the line is counted, the record (if it ended there) is out.
        if (this.#returnEndedRecord) pieceStart = complete = index + 1;
        this.#lineStart = index + 1;
        this.#afterReturn = false;
        this.#returnEndedRecord = false;
      } else {
        const ended = this.#endLine(code, index);
        if (!ended) continue;
        complete = index + 1;
        if (code === LINE_FEED) continue;
        pieces.push(text.slice(pieceStart, index), '\n');
        pieceStart = complete;
      }
    }
    return this.#take(text, pieces, pieceStart, complete);
  }

  /** The last record, where no line end followed it. Throws data/unbalanced-quotes. */
  finish(): string {
    if (this.#state === QUOTED) {
      this.#broken = { before: '', open: this.#pending.join('') };
      throw this.#unclosedQuote();
    }
    const rest = this.#pending.join('');
    this.#pending = [];
    return rest === '' ? '' : `${rest}\n`;
  }

  /** The records before the one that broke; valid after something was thrown. */
  get recordsBefore(): string {
    return this.#broken?.before ?? '';
  }

  /**
   * After something was thrown: leaves out the lines from the broken record's start to the quotation mark, and reads on in the next.
   * `broken`: what is left out. `rest`: to be pushed again.
   */
  leaveOut(): { broken: string; rest: string } {
    const open = this.#broken?.open ?? '';
    let end = 0;
    for (let line = this.#recordLine; line <= this.#quoteLine && end < open.length; line += 1) {
      while (end < open.length && open[end] !== '\n' && open[end] !== '\r') end += 1;
      end += open.startsWith('\r\n', end) ? 2 : 1;
    }
    this.#broken = null;
    this.#pending = [];
    this.#pendingLength = 0;
    this.#state = FIELD_START;
    this.#line = this.#quoteLine + 1;
    this.#recordLine = this.#line;
    this.#lineStart = 0;
    this.#afterReturn = false;
    this.#returnEndedRecord = false;
    return { broken: open.slice(0, end), rest: open.slice(end) };
  }

  /** False where a text goes on behind its closing quotation mark. */
  #advance(code: number, index: number): boolean {
    switch (this.#state) {
      case FIELD_START:
        if (code === QUOTE && this.#quoting) {
          this.#state = QUOTED;
          this.#quoteLine = this.#line;
          this.#quoteColumn = index - this.#lineStart + 1;
        } else if (code !== this.#delimiter) this.#state = UNQUOTED;
        return true;
      case UNQUOTED:
        if (code === this.#delimiter) this.#state = FIELD_START;
        return true;
      case QUOTED:
        if (code === QUOTE) this.#state = CLOSED;
        return true;
      default:
        if (code === this.#delimiter) this.#state = FIELD_START;
        else if (code === QUOTE && this.#state === CLOSED) this.#state = QUOTED;
        else if (code === SPACE) this.#state = CLOSED_SPACE;
        else return false;
        return true;
    }
  }

  /** True when the line end is a record's end. */
  #endLine(code: number, index: number): boolean {
    this.#line += 1;
    this.#lineStart = index + 1;
    this.#afterReturn = code === CARRIAGE_RETURN;
    if (this.#state === QUOTED) return false;
    this.#returnEndedRecord = this.#afterReturn;
    this.#state = FIELD_START;
    this.#recordLine = this.#line;
    return true;
  }

  #take(text: string, pieces: string[], pieceStart: number, complete: number): string {
    this.#lineStart -= text.length;
    const rest = text.slice(complete);
    let records = '';
    if (complete > 0) {
      pieces.push(text.slice(pieceStart, complete));
      records = this.#pending.join('') + pieces.join('');
      this.#pending = [];
      this.#pendingLength = 0;
    }
    this.#pending.push(rest);
    this.#pendingLength += rest.length;
    if (this.#pendingLength > longestRecordCharacters) {
      this.#broken = { before: records, open: this.#pending.join('') };
      throw this.#recordTooLong();
    }
    return records;
  }

  #unclosedQuote(): TuneletError {
    return new TuneletError(
      'data/unbalanced-quotes',
      `Reading ${this.#fileName}, the quotation mark opened on line ${this.#quoteLine} is never closed, so the rest of the file would be one cell.`,
      `Close the quotation mark on line ${this.#quoteLine}, or remove it. Inside a quoted cell, write a quotation mark twice.`,
      { file: this.#fileName, line: this.#quoteLine, column: this.#quoteColumn, offer },
    );
  }

  #textAfterQuote(): TuneletError {
    return new TuneletError(
      'data/unbalanced-quotes',
      `Reading ${this.#fileName}, the cell opened with a quotation mark on line ${this.#quoteLine} goes on after its closing mark on line ${this.#line}.`,
      `Look at lines ${this.#quoteLine} to ${this.#line}: one quotation mark is missing or too many. Inside a quoted cell, write it twice.`,
      { file: this.#fileName, line: this.#quoteLine, column: this.#quoteColumn, closedOnLine: this.#line, offer },
    );
  }

  #recordTooLong(): TuneletError {
    const open = this.#state === QUOTED;
    const cause = open ? ` A quotation mark opened on line ${this.#quoteLine} is not closed by then.` : '';
    return new TuneletError(
      'data/record-too-long',
      `Reading ${this.#fileName}, the record that begins on line ${this.#recordLine} is longer than ${longestRecordCharacters.toLocaleString('en')} characters.${cause}`,
      open ? `Close the quotation mark on line ${this.#quoteLine}.` : `Shorten or remove the record on line ${this.#recordLine}.`,
      { file: this.#fileName, line: open ? this.#quoteLine : this.#recordLine, insideQuotes: open, ...(open ? { offer } : {}) },
    );
  }
}
