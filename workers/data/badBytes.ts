import type { ByteSource } from './source/byteSource';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const LINES_NAMED = 10;

/**
 * The first line, counted from 1, whose bytes are not UTF-8. Reads the file again, which only the way to an error does: the
 * streaming decoder does not say where it failed. Line ends are never part of a longer UTF-8 character, so each line can be
 * decoded by itself.
 */
export async function undecodableLine(source: ByteSource): Promise<number> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  try {
    for await (const { bytes, endsLine } of lineParts(source)) {
      decoder.decode(bytes, { stream: !endsLine });
      if (endsLine) line += 1;
    }
    decoder.decode();
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
  }
  return line;
}

/** The first lines with a NUL byte, and whether there are more than those named. */
export async function nulLines(source: ByteSource): Promise<{ lines: number[]; more: boolean }> {
  const lines: number[] = [];
  let line = 1;
  for await (const { bytes, endsLine } of lineParts(source)) {
    if (bytes.includes(0) && lines.at(-1) !== line) {
      if (lines.length === LINES_NAMED) return { lines, more: true };
      lines.push(line);
    }
    if (endsLine) line += 1;
  }
  return { lines, more: false };
}

/** Lines in pieces, without their line ends (LF, CR LF or CR). */
export async function* lineParts(source: ByteSource): AsyncGenerator<{ bytes: Uint8Array; endsLine: boolean }> {
  let afterReturn = false;
  for await (const { bytes: value } of source.read()) {
    let start = afterReturn && value[0] === LINE_FEED ? 1 : 0;
    for (let index = start; index < value.length; index += 1) {
      const byte = value[index];
      if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) continue;
      yield { bytes: value.subarray(start, index), endsLine: true };
      if (byte === CARRIAGE_RETURN && value[index + 1] === LINE_FEED) index += 1;
      start = index + 1;
    }
    yield { bytes: value.subarray(start), endsLine: false };
    if (value.length > 0) afterReturn = value[value.length - 1] === CARRIAGE_RETURN;
  }
}
