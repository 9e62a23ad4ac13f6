import { Gunzip } from 'fflate';
import { TuneletError } from '../../api/errors';
import { Crc32 } from '../../files/crc32';
import { limits } from '../limits';
import type { ByteSource, BytesPiece } from './byteSource';
import { InflationGuard } from './inflationGuard';

/** Deflate grows by at most 1,032 to 1: a piece of this many bytes never gives more than 17 MB at once. */
const PUSHED_BYTES = 16 * 1024;
const TRAILER_BYTES = 8;

/** What a gzip file holds, of one member or several one after another. Throws data/damaged-file and data/bad-archive. */
export function gunzipped(packed: ByteSource, name: string): ByteSource {
  return { name, sizeBytes: packed.sizeBytes, read: (signal) => inflate(packed, signal) };
}

async function* inflate(packed: ByteSource, signal?: AbortSignal): AsyncGenerator<BytesPiece> {
  const guard = new InflationGuard(packed.name, limits);
  const out: Uint8Array[] = [];
  // Of the last member, whose checksum stands at the end of the file.
  let member = { checksum: new Crc32(), bytes: 0 };
  const gunzip = new Gunzip((bytes) => {
    if (bytes.length === 0) return;
    member.checksum.update(bytes);
    member.bytes += bytes.length;
    guard.add(bytes.length, packedBytes);
    out.push(bytes);
  });
  gunzip.onmember = () => (member = { checksum: new Crc32(), bytes: 0 });
  let packedBytes = 0;
  let trailer = new Uint8Array();
  const push = (bytes: Uint8Array, isLast: boolean): void => {
    packedBytes += bytes.length;
    try {
      gunzip.push(bytes, isLast);
    } catch (thrown) {
      throw thrown instanceof TuneletError ? thrown : damaged(packed.name, packedBytes, isLast);
    }
  };
  for await (const { bytes, loadedBytes } of packed.read(signal)) {
    trailer = lastBytes(trailer, bytes);
    for (let start = 0; start < bytes.length; start += PUSHED_BYTES) {
      // Copied: the inflater keeps what it has not used.
      push(bytes.slice(start, start + PUSHED_BYTES), false);
      for (const piece of out.splice(0)) yield { bytes: piece, loadedBytes };
      signal?.throwIfAborted();
    }
  }
  push(new Uint8Array(), true);
  for (const piece of out.splice(0)) yield { bytes: piece, loadedBytes: packed.sizeBytes };
  checkTrailer(trailer, member, packed.name, packedBytes);
}

function checkTrailer(trailer: Uint8Array, member: { checksum: Crc32; bytes: number }, name: string, packedBytes: number): void {
  const view = new DataView(trailer.buffer, trailer.byteOffset, trailer.length);
  const isRight =
    trailer.length === TRAILER_BYTES &&
    view.getUint32(0, true) === member.checksum.value &&
    view.getUint32(4, true) === member.bytes % 2 ** 32;
  if (!isRight) throw damaged(name, packedBytes, true);
}

function lastBytes(kept: Uint8Array, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (bytes.length >= TRAILER_BYTES) return bytes.slice(-TRAILER_BYTES);
  return Uint8Array.from([...kept, ...bytes].slice(-TRAILER_BYTES));
}

function damaged(file: string, bytes: number, atEnd: boolean): TuneletError {
  const where = atEnd
    ? 'it ends before its gzip stream does, or its checksum differs'
    : `its gzip stream is damaged near byte ${bytes}`;
  return new TuneletError(
    'data/damaged-file',
    `Unpacking ${file}, ${where}.`,
    'Download or copy the file again, whole; then choose it once more.',
    { file, bytes },
  );
}
