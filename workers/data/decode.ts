import { TuneletError } from '../api/errors';
import { nulLines, undecodableLine } from './badBytes';
import type { ByteSource } from './source/byteSource';

export interface ReadOptions {
  signal?: AbortSignal;
  /** After every piece; `rows` are the data rows read so far. */
  onProgress?: (progress: { file: string; loadedBytes: number; totalBytes: number; rows: number }) => void;
  /** What text is read as that has no byte order mark; UTF-8 unless the user says otherwise. */
  encoding?: 'windows-1252';
  /** Rows that break a file's rules are left out and counted, where reading can go on behind them. */
  leaveOutBrokenRows?: boolean;
}

export interface TextChunk {
  text: string;
  loadedBytes: number;
}

/**
 * The text of UTF-8 bytes, piece by piece, without its byte order mark. A streaming decoder keeps a character whole that lies across
 * two pieces. Throws data/not-utf8 and data/nul-byte with line numbers, and the signal's reason when it is aborted.
 */
export async function* decodeText(source: ByteSource, signal?: AbortSignal): AsyncGenerator<TextChunk> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let loaded = 0;
  for await (const { bytes, loadedBytes } of source.read(signal)) {
    const text = await decoded(decoder, bytes, source);
    if (text.includes('\0')) throw await nulByteError(source);
    loaded = loadedBytes;
    if (text !== '') yield { text, loadedBytes };
  }
  // A character cut short comes to light at the end.
  const rest = await decoded(decoder, undefined, source);
  if (rest !== '') yield { text: rest, loadedBytes: loaded };
}

async function decoded(decoder: TextDecoder, value: Uint8Array | undefined, source: ByteSource): Promise<string> {
  try {
    return value === undefined ? decoder.decode() : decoder.decode(value, { stream: true });
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    throw await notUtf8Error(source);
  }
}

async function notUtf8Error(source: ByteSource): Promise<TuneletError> {
  const line = await undecodableLine(source);
  return new TuneletError(
    'data/not-utf8',
    `Reading ${source.name}, line ${line} holds bytes that are not UTF-8. Texts must be UTF-8, or letters would turn into others unseen.`,
    'If it comes from a Windows program, read it as windows-1252. Otherwise save it as UTF-8: in a spreadsheet choose “CSV UTF-8”.',
    { file: source.name, line, offer: 'windows-1252' },
  );
}

async function nulByteError(source: ByteSource): Promise<TuneletError> {
  const { lines, more } = await nulLines(source);
  const named = `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}${more ? ' and others' : ''}`;
  return new TuneletError(
    'data/nul-byte',
    `Reading ${source.name}, ${named} ${lines.length === 1 ? 'holds' : 'hold'} a NUL byte, which no text has.`,
    'The file is damaged or saved as UTF-16. Save it as UTF-8, or remove the NUL bytes.',
    { file: source.name, line: lines[0] ?? 1, lines: lines.join(',') },
  );
}
