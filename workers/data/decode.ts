import { TuneletError } from '../api/errors';
import { nulLines, undecodableLine } from './badBytes';

/** A file as the page hands it over, or a blob with a name. */
export type NamedBlob = Blob & { readonly name: string };

export interface ReadOptions {
  signal?: AbortSignal;
  /** After every chunk; `rows` are the data rows read so far. */
  onProgress?: (progress: { file: string; loadedBytes: number; totalBytes: number; rows: number }) => void;
}

const PIECE_BYTES = 256 * 1024;

export interface TextChunk {
  text: string;
  loadedBytes: number;
}

/**
 * The file's text, chunk by chunk, without its byte order mark. A streaming decoder keeps a character whole that lies across
 * two chunks. Throws data/not-utf8 and data/nul-byte with line numbers, and the signal's reason when it is aborted.
 */
export async function* decodeFile(file: NamedBlob, signal?: AbortSignal): AsyncGenerator<TextChunk> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = file.stream().getReader();
  let loadedBytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      for (const bytes of piecesOf(value)) {
        signal?.throwIfAborted();
        const text = await decoded(decoder, bytes, file);
        if (text.includes('\0')) throw await nulByteError(file);
        loadedBytes += bytes?.length ?? 0;
        if (text !== '') yield { text, loadedBytes };
      }
      if (done) return;
    }
  } finally {
    await reader.cancel();
  }
}

/** Some streams hand over a file in one go; everything behind works in small pieces. `undefined`, the end, is a piece of its own. */
function piecesOf(value: Uint8Array | undefined): (Uint8Array | undefined)[] {
  if (value === undefined) return [undefined];
  return Array.from({ length: Math.ceil(value.length / PIECE_BYTES) }, (_, index) =>
    value.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES),
  );
}

/** `value` undefined: the end, where a character cut short comes to light. */
async function decoded(decoder: TextDecoder, value: Uint8Array | undefined, file: NamedBlob): Promise<string> {
  try {
    return value === undefined ? decoder.decode() : decoder.decode(value, { stream: true });
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    throw await notUtf8Error(file);
  }
}

async function notUtf8Error(file: NamedBlob): Promise<TuneletError> {
  const line = await undecodableLine(file);
  return new TuneletError(
    'data/not-utf8',
    `Reading ${file.name}, line ${line} holds bytes that are not UTF-8. Texts must be UTF-8, or letters would turn into others unseen.`,
    'Save it as UTF-8: in a spreadsheet choose “CSV UTF-8”, in an editor “Save with encoding”.',
    { file: file.name, line },
  );
}

async function nulByteError(file: NamedBlob): Promise<TuneletError> {
  const { lines, more } = await nulLines(file);
  const named = `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}${more ? ' and others' : ''}`;
  return new TuneletError(
    'data/nul-byte',
    `Reading ${file.name}, ${named} ${lines.length === 1 ? 'holds' : 'hold'} a NUL byte, which no text has.`,
    'The file is damaged or saved as UTF-16. Save it as UTF-8, or remove the NUL bytes.',
    { file: file.name, line: lines[0] ?? 1, lines: lines.join(',') },
  );
}
