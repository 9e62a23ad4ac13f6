import { TuneletError } from '../../api/errors';
import type { ReadOptions } from '../decode';
import { limits } from '../limits';
import { linesOf } from '../lines';
import type { ByteSource } from '../source/byteSource';
import { TableBuilder } from '../table';

/** Fewer paragraphs cannot be split; then each line is a text. */
const fewestParagraphs = 10;

/** Reads a text's paragraphs, or where there are few its lines, as rows of one column, “text”. */
export async function readPlainText(source: ByteSource, options: ReadOptions): Promise<TableBuilder> {
  const paragraphs = new ParagraphBuilder(source.name);
  // Kept beside the paragraphs until there are enough of those.
  let lines: TableBuilder | null = textBuilder(source.name);
  for await (const { firstLine, lines: batch, loadedBytes } of linesOf(source, options)) {
    batch.forEach((written, index) => {
      const line = written.trimEnd();
      if (line !== '') lines?.addRow([line]);
      if (paragraphs.count >= fewestParagraphs) lines = null;
      paragraphs.add(line, firstLine + index, lines === null);
    });
    const rows = Math.max(paragraphs.count, lines?.rowCount ?? 0);
    options.onProgress?.({ file: source.name, loadedBytes, totalBytes: source.sizeBytes, rows });
  }
  paragraphs.close();
  return paragraphs.count >= fewestParagraphs || lines === null ? paragraphs.builder : lines;
}

class ParagraphBuilder {
  readonly builder: TableBuilder;
  readonly #file: string;
  #open: string[] = [];
  #length = 0;
  #firstLine = 1;

  constructor(file: string) {
    this.#file = file;
    this.builder = textBuilder(file);
  }

  get count(): number {
    return this.builder.rowCount;
  }

  /** An empty line closes a paragraph. `isSure`: paragraphs are the texts, so none may be too long; else it need not be held. */
  add(line: string, number: number, isSure: boolean): void {
    if (line === '') return this.close();
    if (this.#open.length === 0) this.#firstLine = number;
    this.#length += line.length + 1;
    if (this.#length <= limits.recordBytes) this.#open.push(line);
    else if (isSure) throw this.#tooLong();
  }

  close(): void {
    if (this.#open.length > 0) this.builder.addRow([this.#open.join('\n')]);
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

function textBuilder(file: string): TableBuilder {
  const builder = new TableBuilder(file);
  builder.header(['text']);
  return builder;
}
