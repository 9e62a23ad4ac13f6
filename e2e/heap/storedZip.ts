import { createReadStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { headerBytesOf, localHeaderBytes, readZipEnd, readZipEntries, zipTailBytes, type ZipEntry } from '../../workers/files/zipDirectory'; // prettier-ignore

interface Placed {
  entry: ZipEntry;
  /** Of its bytes. */
  start: number;
}

/** A zip on the disk whose files are not compressed, too large for memory: bytes are read where they lie. */
export class StoredZip {
  readonly sizeBytes: number;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #entries: ReadonlyMap<string, Placed>;

  private constructor(path: string, sizeBytes: number, file: FileHandle, entries: ReadonlyMap<string, Placed>) {
    this.sizeBytes = sizeBytes;
    this.#path = path;
    this.#file = file;
    this.#entries = entries;
  }

  static async open(path: string): Promise<StoredZip> {
    const { size } = await stat(path);
    const file = await open(path);
    const tailBytes = Math.min(size, zipTailBytes);
    const end = readZipEnd(await read(file, size - tailBytes, tailBytes), size, fail);
    const entries = new Map<string, Placed>();
    for (const entry of readZipEntries(await read(file, end.start, end.directoryBytes), end, fail)) {
      const header = await read(file, entry.headerOffset, localHeaderBytes);
      entries.set(entry.name, { entry, start: entry.headerOffset + headerBytesOf(header, entry, fail) });
    }
    return new StoredZip(path, size, file, entries);
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  sizeOf(name: string): number {
    return this.#at(name).entry.sizeBytes;
  }

  async bytes(name: string, offset = 0, length = this.sizeOf(name)): Promise<Buffer> {
    return read(this.#file, this.#at(name).start + offset, length);
  }

  /** Whether a file's checksum is that of its bytes, all of them. */
  async isWhole(name: string): Promise<boolean> {
    const { entry, start } = this.#at(name);
    let checksum = 0;
    const stream = createReadStream(this.#path, { start, end: start + entry.sizeBytes - 1, highWaterMark: 8 << 20 });
    for await (const piece of stream) checksum = crc32(piece, checksum);
    return checksum === entry.checksum && entry.method === 0;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #at(name: string) {
    return this.#entries.get(name) ?? fail(`it has no ${name}`);
  }
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) fail(`it ends at ${position + bytesRead}`);
  return buffer;
}

function fail(fault: string): never {
  throw new Error(`The zip is not whole: ${fault}.`);
}
