import { TuneletError } from '../../api/errors';

/** A piece of a file's content and how much of the file itself is read by then. */
export interface BytesPiece {
  bytes: Uint8Array;
  loadedBytes: number;
}

/** Content as bytes, unpacked and decoded as far as the layers below it do; it can be read again from its start. */
export interface ByteSource {
  name: string;
  /** Of the file as it lies on the disk, which progress is told in. */
  sizeBytes: number;
  /** The content itself, where it lies on the disk as it is. */
  blob?: Blob;
  /** In pieces of some 256 KB. Throws the signal's reason when it is aborted. */
  read(signal?: AbortSignal): AsyncGenerator<BytesPiece>;
}

/** A file as the page hands it over, or a blob with a name. */
export type NamedBlob = Blob & { readonly name: string };

const PIECE_BYTES = 256 * 1024;

export function blobSource(blob: Blob, name: string): ByteSource {
  return { name, sizeBytes: blob.size, blob, read: (signal) => readBlob(blob, name, signal) };
}

async function* readBlob(blob: Blob, name: string, signal?: AbortSignal): AsyncGenerator<BytesPiece> {
  const reader = blob.stream().getReader();
  let loadedBytes = 0;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await reader.read().catch((thrown: unknown) => {
        throw thrown instanceof DOMException ? unreadable(name, thrown) : thrown;
      });
      if (done) return;
      // Some streams hand over a file in one go; everything behind works in small pieces.
      for (let start = 0; start < value.length; start += PIECE_BYTES) {
        signal?.throwIfAborted();
        const bytes = value.subarray(start, start + PIECE_BYTES);
        loadedBytes += bytes.length;
        yield { bytes, loadedBytes };
      }
    }
  } finally {
    // A stream that broke would throw once more, in place of what is said above.
    await reader.cancel().catch(() => {});
  }
}

/** A file is read where it lies, long after it was chosen. */
function unreadable(file: string, cause: DOMException): TuneletError {
  return new TuneletError(
    'data/unreadable',
    `${file} can no longer be read: it was moved, changed or deleted since it was chosen.`,
    'Drop it again, or choose another file.',
    { file, cause: cause.message },
  );
}

/** The first bytes, as many as there are up to `length`. */
export async function beginningOf(source: ByteSource, length: number, signal?: AbortSignal): Promise<Uint8Array> {
  const start = new Uint8Array(length);
  let filled = 0;
  for await (const { bytes } of source.read(signal)) {
    start.set(bytes.subarray(0, length - filled), filled);
    filled = Math.min(length, filled + bytes.length);
    if (filled === length) break;
  }
  return start.subarray(0, filled);
}

/** All of it. `limitBytes` is checked as it grows; `tooLarge` gives the error. */
export async function wholeOf(
  source: ByteSource,
  limitBytes: number,
  tooLarge: () => Error,
  signal?: AbortSignal,
): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const { bytes } of source.read(signal)) {
    length += bytes.length;
    if (length > limitBytes) throw tooLarge();
    parts.push(bytes.slice());
  }
  return new Blob(parts);
}
