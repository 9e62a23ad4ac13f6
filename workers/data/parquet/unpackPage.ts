import { gunzipSync } from 'fflate';
import { snappyUncompress, type CompressionCodec } from 'hyparquet';
import { decompressBrotli, decompressLz4Raw, decompressZstd } from 'hyparquet-compressors';
import type { Fail } from './fail';

/** Unpacks a page into exactly `length` bytes, which the caller has found to be few enough; never takes more memory than that. */
export function unpackPage(packed: Uint8Array, length: number, codec: CompressionCodec, fail: Fail): Uint8Array {
  let page: Uint8Array;
  try {
    page = unpacked(packed, length, codec, fail);
  } catch {
    return fail(`a page packed by ${codec} is damaged`);
  }
  return page.length === length ? page : fail(`a page unpacks to ${page.length} bytes, where ${length} are announced`);
}

export const readableCodecs: ReadonlySet<CompressionCodec> = new Set([
  'UNCOMPRESSED',
  'SNAPPY',
  'GZIP',
  'BROTLI',
  'ZSTD',
  'LZ4_RAW',
]);

function unpacked(packed: Uint8Array, length: number, codec: CompressionCodec, fail: Fail): Uint8Array {
  const out = new Uint8Array(codec === 'UNCOMPRESSED' ? 0 : length);
  switch (codec) {
    case 'UNCOMPRESSED':
      return packed;
    case 'SNAPPY':
      snappyUncompress(packed, out);
      return out;
    case 'GZIP':
      return gunzipSync(packed, { out });
    case 'BROTLI':
      return decompressBrotli(packed, length);
    case 'ZSTD':
      return decompressZstd(packed, out);
    case 'LZ4_RAW':
      if (lz4Length(packed) !== length) fail('a page packed by LZ4 has another length than announced');
      return decompressLz4Raw(packed, length);
    default:
      return fail(`its pages are packed by ${codec}, which is not read`);
  }
}

/** What an LZ4 block unpacks to, without unpacking it: a match may claim any length. */
function lz4Length(packed: Uint8Array): number {
  let length = 0;
  let at = 0;
  const extended = (nibble: number): number => {
    let total = nibble;
    if (nibble < 15) return total;
    for (;;) {
      const byte = packed[at++] ?? 0;
      total += byte;
      if (byte < 255) return total;
    }
  };
  while (at < packed.length) {
    const token = packed[at++]!;
    const literals = extended(token >> 4);
    length += literals;
    at += literals;
    if (at >= packed.length) break;
    at += 2;
    length += extended(token & 15) + 4;
  }
  return length;
}
