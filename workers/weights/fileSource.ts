import { TuneletError } from '../api/errors';
import type { ModelSource } from '../api/model';

export type ByteStream = ReadableStream<Uint8Array<ArrayBuffer>>;

export interface OpenedFile {
  body: ByteStream;
  /** Of the whole file; null where a server does not tell. */
  sizeBytes: number | null;
}

/** Where a model's files are: a folder of this page, dropped files, or a repository of the Hub. */
export interface FileSource {
  kind: ModelSource['kind'];
  /** For the user: "nano-gpt2", "openai-community/gpt2", a folder's name; null where nothing tells. */
  name: string | null;
  /** Of the Hub, once the first file has told; null for local files. */
  revision(): string | null;
  /** As its card states it, under the Hub's name for it; null where nothing tells. */
  licence: string | null;
  /** Paths of all files, or null where they cannot be listed. */
  listed: readonly string[] | null;
  /** Path of the file that was named to hold all weights; null where none was. */
  weightsFile: string | null;
  /**
   * Opens a file by its base name (of the Hub, its path); null when there is none.
   * @param options.firstBytes only these are wanted; more may come
   */
  open(fileName: string, options: { signal?: AbortSignal | undefined; firstBytes?: number }): Promise<OpenedFile | null>;
  /** A file where it lies, to read any part of; null for those that are asked of a server. */
  onDisk(fileName: string): Blob | null;
}

/** Passes bytes on and turns what goes wrong on the way into `toError(cause)`. */
export function withReadErrors(body: ByteStream, toError: (cause: string) => TuneletError): ByteStream {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        if (error instanceof DOMException && error.name === 'AbortError') throw error;
        throw toError(error instanceof Error ? error.message : String(error));
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Reads a stream piece by piece into buffers of the caller. Ended by `close`. */
export class ByteReader {
  /** Bytes taken so far. */
  position = 0;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #signal: AbortSignal | undefined;
  #rest = new Uint8Array(0);

  constructor(body: ByteStream, signal?: AbortSignal) {
    this.#reader = body.getReader();
    this.#signal = signal;
  }

  /** Fills `target` as far as the stream reaches; returns the bytes written. */
  async readInto(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.length && (await this.#ready())) {
      const piece = this.#rest.subarray(0, target.length - filled);
      target.set(piece, filled);
      filled += this.#take(piece.length);
    }
    return filled;
  }

  /** Leaves out `count` bytes; returns how many there were. */
  async skip(count: number): Promise<number> {
    let skipped = 0;
    while (skipped < count && (await this.#ready())) skipped += this.#take(Math.min(this.#rest.length, count - skipped));
    return skipped;
  }

  /** Stops the transfer behind the stream. */
  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }

  #take(count: number): number {
    this.#rest = this.#rest.subarray(count);
    this.position += count;
    return count;
  }

  /** False at the stream's end. */
  async #ready(): Promise<boolean> {
    while (this.#rest.length === 0) {
      this.#signal?.throwIfAborted();
      const { done, value } = await this.#reader.read();
      if (done) return false;
      this.#rest = value;
    }
    return true;
  }
}

/**
 * A text file as a whole, or null when there is none.
 * @throws TuneletError 'model/too-large' beyond `maximumBytes`
 */
export async function readText(
  source: FileSource,
  fileName: string,
  maximumBytes: number,
  options: { signal?: AbortSignal | undefined; onProgress?: FileProgress | undefined },
): Promise<string | null> {
  const opened = await source.open(fileName, { signal: options.signal });
  if (opened === null) return null;
  const reader = opened.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let loadedBytes = 0;
  try {
    for (;;) {
      options.signal?.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) break;
      loadedBytes += value.length;
      if (loadedBytes > maximumBytes) throw tooLarge(fileName, maximumBytes);
      text += decoder.decode(value, { stream: true });
      // A page does not see that another server compressed a text; its length is then too small.
      const totalBytes = opened.sizeBytes !== null && opened.sizeBytes >= loadedBytes ? opened.sizeBytes : null;
      options.onProgress?.(fileName, loadedBytes, totalBytes);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  return text + decoder.decode();
}

/** Called as bytes of a file arrive; `totalBytes` is null where a server does not tell. */
export type FileProgress = (file: string, loadedBytes: number, totalBytes: number | null) => void;

function tooLarge(fileName: string, maximumBytes: number): TuneletError {
  return new TuneletError(
    'model/too-large',
    `${fileName} has more than ${maximumBytes} bytes, far beyond any such file.`,
    'Choose the files of a language model, as transformers saves them.',
    { file: fileName, maximumBytes },
  );
}
