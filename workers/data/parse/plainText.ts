import { TuneletError } from '../../api/errors';
import type { ReadOptions } from '../decode';
import { limits } from '../limits';
import { linesOf } from '../lines';
import type { RowSink } from '../rowSink';
import type { ByteSource } from '../source/byteSource';

/** Fewer paragraphs cannot be split; then each line is a text. */
const fewestParagraphs = 10;

/** Reads a text's paragraphs, or where there are few its lines, as rows of one column, “text”. */
export async function readPlainText(source: ByteSource, builder: RowSink, options: ReadOptions): Promise<void> {
  // Which of both it is must be known before the first row is out, so the beginning is read twice.
  const byParagraphs = await hasParagraphs(source, options);
  builder.header(['text']);
  const paragraphs = byParagraphs ? new ParagraphReader(source.name, builder) : null;
  for await (const { firstLine, lines, loadedBytes } of linesOf(source, options)) {
    lines.forEach((written, index) => {
      const line = written.trimEnd();
      if (paragraphs) paragraphs.add(line, firstLine + index);
      else if (line !== '') builder.addRow([line]);
    });
    options.onProgress?.({ file: source.name, loadedBytes, totalBytes: source.sizeBytes, rows: builder.rowCount });
  }
  paragraphs?.close();
}

/** Whether there are as many paragraphs as are needed. */
async function hasParagraphs(source: ByteSource, options: ReadOptions): Promise<boolean> {
  let paragraphs = 0;
  let isOpen = false;
  for await (const { lines } of linesOf(source, options)) {
    for (const line of lines) {
      const isText = line.trimEnd() !== '';
      // The one that is open counts once it is closed, or the text ends.
      if (isOpen && !isText) paragraphs += 1;
      isOpen = isText;
      if (paragraphs === fewestParagraphs) return true;
    }
  }
  return paragraphs + (isOpen ? 1 : 0) >= fewestParagraphs;
}

class ParagraphReader {
  readonly #builder: RowSink;
  readonly #file: string;
  #open: string[] = [];
  #length = 0;
  #firstLine = 1;

  constructor(file: string, builder: RowSink) {
    this.#file = file;
    this.#builder = builder;
  }

  /** An empty line closes a paragraph. */
  add(line: string, number: number): void {
    if (line === '') return this.close();
    if (this.#open.length === 0) this.#firstLine = number;
    this.#length += line.length + 1;
    if (this.#length > limits.recordBytes) throw this.#tooLong();
    this.#open.push(line);
  }

  close(): void {
    if (this.#open.length > 0) this.#builder.addRow([this.#open.join('\n')]);
    this.#open = [];
    this.#length = 0;
  }

  #tooLong(): TuneletError {
    return new TuneletError(
      'data/record-too-long',
      `Reading ${this.#file}, the paragraph that begins on line ${this.#firstLine} is longer than ${limits.recordBytes.toLocaleString('en')} characters.`,
      'Divide it by empty lines.',
      { file: this.#file, line: this.#firstLine, insideQuotes: false },
    );
  }
}
