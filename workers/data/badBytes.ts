import type { ByteSource } from './source/byteSource';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const LINES_NAMED = 10;

/**
 * The first line, counted from 1, whose bytes are not UTF-8. Reads the content again, which only the way to an error does: the
 * streaming decoder does not say where it failed. Line ends are never part of a longer UTF-8 character, so the lines of the piece that
 * fails can be decoded one by one.
 */
export async function undecodableLine(source: ByteSource): Promise<number> {
  const pieces = new TextDecoder('utf-8', { fatal: true });
  const lines = new TextDecoder('utf-8', { fatal: true });
  let rest = new Uint8Array();
  const fails = (bytes: Uint8Array): boolean => {
    try {
      pieces.decode(bytes, { stream: true });
      rest = openCharacter(rest, bytes);
      return false;
    } catch (thrown) {
      if (!(thrown instanceof TypeError)) throw thrown;
      lines.decode(rest, { stream: true });
      return true;
    }
  };
  let last = 1;
  try {
    for await (const { bytes, endsLine, line } of lineParts(source, fails)) {
      last = line;
      lines.decode(bytes, { stream: !endsLine });
    }
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
  }
  return last;
}

/** The bytes at the end that begin a character without ending it. */
function openCharacter(before: Uint8Array, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const end = Uint8Array.from([...before, ...bytes.subarray(-3)]).slice(-3);
  for (let length = 1; length <= end.length; length += 1) {
    const lead = end[end.length - length]!;
    if (lead < 0x80) break;
    if (lead >= 0xc0) return lead >= 0xf0 || length < (lead >= 0xe0 ? 3 : 2) ? end.slice(-length) : new Uint8Array();
  }
  return new Uint8Array();
}

/** The first lines with a NUL byte, and whether there are more than those named. */
export async function nulLines(source: ByteSource): Promise<{ lines: number[]; more: boolean }> {
  const lines: number[] = [];
  for await (const { bytes, line } of lineParts(source, (piece) => piece.includes(0))) {
    if (!bytes.includes(0) || lines.at(-1) === line) continue;
    if (lines.length === LINES_NAMED) return { lines, more: true };
    lines.push(line);
  }
  return { lines, more: false };
}

/** A line or a part of one, without its line end (LF, CR LF or CR). */
export interface LinePart {
  bytes: Uint8Array;
  endsLine: boolean;
  /** Counted from 1. */
  line: number;
}

/**
 * The lines of the pieces that are wanted; of the others line ends are only counted, which is far quicker. `isWanted` is asked once for
 * each piece, with the numbers of its first and last line. After the last piece comes an empty part, where the content ends.
 */
export async function* lineParts(
  source: ByteSource,
  isWanted: (bytes: Uint8Array, firstLine: number, lastLine: number) => boolean = () => true,
): AsyncGenerator<LinePart> {
  let line = 1;
  let afterReturn = false;
  for await (const { bytes: value } of source.read()) {
    let start = afterReturn && value[0] === LINE_FEED ? 1 : 0;
    if (value.length > 0) afterReturn = value[value.length - 1] === CARRIAGE_RETURN;
    const ends = countLineEnds(value, start);
    if (!isWanted(value, line, line + ends)) {
      line += ends;
      continue;
    }
    for (let index = start; index < value.length; index += 1) {
      const byte = value[index];
      if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) continue;
      yield { bytes: value.subarray(start, index), endsLine: true, line };
      line += 1;
      if (byte === CARRIAGE_RETURN && value[index + 1] === LINE_FEED) index += 1;
      start = index + 1;
    }
    yield { bytes: value.subarray(start), endsLine: false, line };
  }
  yield { bytes: new Uint8Array(), endsLine: false, line };
}

function countLineEnds(bytes: Uint8Array, start: number): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED, start); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1;
  for (let at = bytes.indexOf(CARRIAGE_RETURN, start); at >= 0; at = bytes.indexOf(CARRIAGE_RETURN, at + 1)) {
    if (bytes[at + 1] !== LINE_FEED) count += 1;
  }
  return count;
}
