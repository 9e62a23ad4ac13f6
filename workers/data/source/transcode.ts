import { TuneletError } from '../../api/errors';
import type { ByteSource, BytesPiece } from './byteSource';

/** Encodings that a text may have; all but the last tell themselves by a mark at their start or by being well formed. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

export const encodingNames: Record<TextEncoding, string> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16',
  'windows-1252': 'windows-1252',
};

/** By the byte order mark; UTF-8 without one. */
export function encodingOf(start: Uint8Array): TextEncoding {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

/**
 * The same text as UTF-8, so that everything behind reads one encoding alone. UTF-8 passes as it is, well formed or not.
 * Throws data/not-utf8 with the line for UTF-16 that is not well formed.
 */
export function asUtf8(source: ByteSource, encoding: TextEncoding): ByteSource {
  if (encoding === 'utf-8') return source;
  const { name, sizeBytes } = source;
  return { name, sizeBytes, read: (signal) => transcode(source, encoding, signal) };
}

async function* transcode(source: ByteSource, encoding: TextEncoding, signal?: AbortSignal): AsyncGenerator<BytesPiece> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const encoder = new TextEncoder();
  let line = 1;
  const decoded = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown;
      throw notWellFormed(source.name, encodingNames[encoding], line);
    }
  };
  for await (const { bytes, loadedBytes } of source.read(signal)) {
    // Decoded in small pieces, so that the line of a fault is near.
    const texts: string[] = [];
    for (let start = 0; start < bytes.length; start += 1024) {
      const text = decoded(bytes.subarray(start, start + 1024));
      line += text.split('\n').length - 1;
      texts.push(text);
    }
    yield { bytes: encoder.encode(texts.join('')), loadedBytes };
  }
  const rest = decoded();
  if (rest !== '') yield { bytes: encoder.encode(rest), loadedBytes: source.sizeBytes };
}

function notWellFormed(file: string, encoding: string, line: number): TuneletError {
  return new TuneletError(
    'data/not-utf8',
    `Reading ${file}, which begins as ${encoding}, line ${line} or one just below holds bytes that are not ${encoding}.`,
    'The file is damaged or cut off. Save it again as UTF-8.',
    { file, line, encoding },
  );
}
