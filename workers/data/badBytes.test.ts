import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineParts, nulLines, undecodableLine } from './badBytes';
import type { ByteSource } from './source/byteSource';

/** Content that comes in pieces of these lengths, over and over. */
function inPieces(content: Uint8Array, lengths: readonly number[]): ByteSource {
  return {
    name: 'file',
    sizeBytes: content.length,
    async *read() {
      for (let start = 0, piece = 0; start < content.length; piece += 1) {
        const bytes = content.subarray(start, start + lengths[piece % lengths.length]!);
        start += bytes.length;
        yield { bytes, loadedBytes: start };
      }
    },
  };
}

function linesOf(content: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  content.forEach((byte, at) => {
    const isEnd = byte === 10 ? content[at - 1] !== 13 : byte === 13;
    if (isEnd) lines.push(content.subarray(start, at));
    if (isEnd || byte === 10) start = at + 1;
  });
  return [...lines, content.subarray(start)];
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

const part = fc.constantFrom('a', '\n', '\r', '\r\n', '\0', 'é', '漢', '😀', '\ufffd');
const damage = fc.constantFrom<number[]>([0xff], [0xe9], [0xf0, 0x9f], [0x80], [0xed, 0xa0, 0x80]);
const content = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: part.map((text) => [...new TextEncoder().encode(text)]) },
      { weight: 1, arbitrary: damage },
    ),
    {
      maxLength: 60,
    },
  )
  .map((parts) => Uint8Array.from(parts.flat()));
const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

describe('places in bytes', () => {
  it('are the lines that they are in, however the bytes come (property)', async () => {
    await fc.assert(
      fc.asyncProperty(content, lengths, async (bytes, pieces) => {
        const source = inPieces(bytes, pieces);
        const lines = linesOf(bytes);
        const bad = lines.findIndex((line) => !isUtf8(line));
        if (bad >= 0) expect(await undecodableLine(source)).toBe(bad + 1);
        const withNul = lines.flatMap((line, index) => (line.includes(0) ? [index + 1] : []));
        expect(await nulLines(source)).toEqual({ lines: withNul.slice(0, 10), more: withNul.length > 10 });
        const read: number[][] = lines.map(() => []);
        for await (const { bytes: found, line } of lineParts(source)) read[line - 1]!.push(...found);
        expect(read).toEqual(lines.map((line) => [...line]));
      }),
      { numRuns: 400 },
    );
  });
});
