import { Inflate } from 'fflate';
import { TuneletError } from '../../api/errors';
import { Crc32 } from '../../files/crc32';
import { checkEntries } from '../../files/zip';
import {
  checkCount,
  headerBytesOf,
  localHeaderBytes,
  readZipEnd,
  readZipEntries,
  zipTailBytes,
  type ZipEntry,
} from '../../files/zipDirectory';
import { limits } from '../limits';
import type { ByteSource, BytesPiece, NamedBlob } from './byteSource';

const WINDOW_BYTES = 4 * 1024 * 1024;
const PUSHED_BYTES = 16 * 1024;
/** Folders, and files that systems and programs put beside one's own. */
const besides = /\/$|(^|\/)(__MACOSX|\.DS_Store|Thumbs\.db|\.[^./][^/]*)(\/|$)/;

/** The files of a zip on the disk, each to be read by itself; nothing is unpacked before. */
export class ZipArchive {
  readonly name: string;
  readonly sizeBytes: number;
  /** In the order in which they lie in the archive. */
  readonly entries: readonly ZipEntry[];
  readonly #blob: Blob;
  #window = { start: 0, bytes: new Uint8Array() };

  private constructor(file: NamedBlob, entries: readonly ZipEntry[]) {
    this.name = file.name;
    this.sizeBytes = file.size;
    this.entries = entries;
    this.#blob = file;
  }

  /** Reads the directory and checks names, methods and claimed sizes. Throws data/bad-archive. */
  static async open(file: NamedBlob): Promise<ZipArchive> {
    const fail = failing(file.name);
    const tail = await bytesOf(file.slice(-zipTailBytes));
    const end = readZipEnd(tail, file.size, fail);
    checkCount(end, limits.archiveEntries, fail);
    const directory = await bytesOf(file.slice(end.start, end.start + end.directoryBytes));
    const entries = readZipEntries(directory, end, fail).filter(({ name }) => !besides.test(name));
    const { inflatedBytes, inflationRatio, archiveEntries } = limits;
    checkEntries(entries, { entries: archiveEntries, totalBytes: inflatedBytes, ratio: inflationRatio }, fail);
    return new ZipArchive(
      file,
      entries.toSorted((a, b) => a.headerOffset - b.headerOffset),
    );
  }

  /** One file of it. Reading throws data/bad-archive where the content is not what the directory claims. */
  source(entry: ZipEntry): ByteSource {
    return {
      name: `${this.name}/${entry.name}`,
      sizeBytes: this.sizeBytes,
      read: (signal) => this.#read(entry, signal),
    };
  }

  async *#read(entry: ZipEntry, signal?: AbortSignal): AsyncGenerator<BytesPiece> {
    const fail = failing(this.name);
    const header = await this.#bytes(entry.headerOffset, localHeaderBytes);
    const start = entry.headerOffset + headerBytesOf(header, entry, fail);
    const end = start + entry.compressedBytes;
    const out: Uint8Array[] = [];
    const checksum = new Crc32();
    let length = 0;
    const take = (bytes: Uint8Array): void => {
      length += bytes.length;
      // Not a byte more than the directory has claimed, which was checked.
      if (length > entry.sizeBytes) fail(`“${entry.name}” is longer than the directory says`);
      checksum.update(bytes);
      if (bytes.length > 0) out.push(bytes);
    };
    const push = entry.method === 0 ? take : inflater(entry, take, fail);
    for (let at = start; at < end; at += PUSHED_BYTES) {
      signal?.throwIfAborted();
      const packed = await this.#bytes(at, Math.min(PUSHED_BYTES, end - at));
      if (packed.length === 0) fail(`“${entry.name}” ends after the archive does`);
      push(packed.slice(), at + PUSHED_BYTES >= end);
      for (const bytes of out.splice(0)) yield { bytes, loadedBytes: Math.min(at + PUSHED_BYTES, end) };
    }
    if (length !== entry.sizeBytes || checksum.value !== entry.checksum) fail(`“${entry.name}” is damaged: its checksum differs`);
  }

  /** Neighbours are read together: an archive of folders has thousands of small files. */
  async #bytes(start: number, length: number): Promise<Uint8Array> {
    const { bytes } = this.#window;
    const from = start - this.#window.start;
    if (from >= 0 && from + length <= bytes.length) return bytes.subarray(from, from + length);
    this.#window = { start, bytes: await bytesOf(this.#blob.slice(start, start + Math.max(length, WINDOW_BYTES))) };
    return this.#window.bytes.subarray(0, length);
  }
}

function inflater(entry: ZipEntry, take: (bytes: Uint8Array) => void, fail: (fault: string) => never) {
  const inflate = new Inflate(take);
  return (bytes: Uint8Array, isLast: boolean): void => {
    try {
      inflate.push(bytes, isLast);
    } catch (thrown) {
      if (thrown instanceof TuneletError) throw thrown;
      fail(`“${entry.name}” is damaged`);
    }
  };
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer());
}

/** Throws data/bad-archive with the fault in its message. */
export function failing(file: string): (fault: string) => never {
  return (fault) => {
    throw new TuneletError(
      'data/bad-archive',
      `${file} cannot be unpacked: ${fault}.`,
      'Choose the archive as it was downloaded, or unpack it yourself and choose its files.',
      { file },
    );
  };
}
