import { inflateSync, Zip, ZipPassThrough, zipSync } from 'fflate';
import { TuneletError } from '../api/errors';
import { crc32 } from './crc32';
import { entryData, readZipDirectory, type ZipEntry } from './zipDirectory';

export interface ZipLimits {
  entries: number;
  /** Of all files together, after inflating. */
  totalBytes: number;
  /** Inflated over compressed bytes, for a file of more than a megabyte; adapters and tokenizers stay under 20. */
  ratio: number;
}

const usualLimits: ZipLimits = { entries: 256, totalBytes: 1 << 30, ratio: 200 };

/** Neither a folder nor a resource file of macOS. */
export function isFile({ name }: Pick<ZipEntry, 'name'>): boolean {
  return !folderOrMetadata.test(name);
}

const folderOrMetadata = /\/$|(^|\/)(__MACOSX|\.DS_Store)(\/|$)/;

/** A file of a zip, not unpacked yet. */
export interface PackedFile {
  /** As claimed; unpacking gives exactly this. */
  sizeBytes: number;
  /** Throws TuneletError 'adapter/bad-archive' where it is damaged. */
  unpack(): Uint8Array<ArrayBuffer>;
}

/**
 * Files of a zip by their path in it; folders and macOS' resource files are left out. All sizes, names and places
 * are checked before the first byte is inflated, and no file gets more memory than its entry claims.
 * @throws TuneletError 'adapter/bad-archive'
 */
export function openZip(
  bytes: Uint8Array,
  archiveName = 'The archive',
  limits: ZipLimits = usualLimits,
): Map<string, PackedFile> {
  const fail = (fault: string): never => {
    throw new TuneletError(
      'adapter/bad-archive',
      `${archiveName} cannot be unpacked: ${fault}.`,
      'Choose the zip as it was downloaded, or unpack it yourself and choose its files.',
      { archive: archiveName },
    );
  };
  const entries = readZipDirectory(bytes, limits.entries, fail).filter(isFile);
  checkEntries(entries, limits, fail);
  return new Map(
    entries.map((entry) => [
      entry.name,
      { sizeBytes: entry.sizeBytes, unpack: () => unpackEntry(entryData(bytes, entry, fail), entry, fail) },
    ]),
  );
}

/** As `openZip`, all files unpacked. */
export function readZip(bytes: Uint8Array, archiveName?: string, limits?: ZipLimits): Map<string, Uint8Array<ArrayBuffer>> {
  return new Map([...openZip(bytes, archiveName, limits)].map(([name, file]) => [name, file.unpack()]));
}

// Zip has no dates before 1980; a fixed one keeps the archive reproducible.
const mtime = '1980-01-01T12:00:00';

/** A zip without compression (weights hardly shrink), the same bytes for the same files. */
export function writeZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  return zipSync(Object.fromEntries(files), { level: 0, mtime });
}

const pieceBytes = 8 << 20;
/** Sizes and places in a zip have 32 bits unless it is of a later kind; what stands beside the files is small. */
const mostBytes = 0xffff0000;

/**
 * As `writeZip`, of files that are too large for memory: they are read as streams, and what is made of them is handed to the
 * browser in pieces.
 * @throws TuneletError 'model/too-large' for files of 4 GiB or more together
 */
export async function writeZipBlob(files: readonly { name: string; blob: Blob }[]): Promise<Blob> {
  const sizeBytes = files.reduce((sum, { blob }) => sum + blob.size, 0);
  if (sizeBytes > mostBytes) throw tooLarge(sizeBytes);
  const pieces: Blob[] = [];
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let waitingBytes = 0;
  const handOver = (): void => {
    pieces.push(new Blob(waiting));
    [waiting, waitingBytes] = [[], 0];
  };
  const zip = new Zip((error, bytes) => {
    if (error) throw error;
    waiting.push(bytes);
    waitingBytes += bytes.length;
    if (waitingBytes >= pieceBytes) handOver();
  });
  for (const { name, blob } of files) {
    const entry = new ZipPassThrough(name);
    entry.mtime = mtime;
    zip.add(entry);
    const reader = blob.stream().getReader();
    for (let read = await reader.read(); read.value; read = await reader.read()) entry.push(read.value);
    entry.push(new Uint8Array(), true);
  }
  zip.end();
  handOver();
  return new Blob(pieces, { type: 'application/zip' });
}

function tooLarge(sizeBytes: number): TuneletError {
  return new TuneletError(
    'model/too-large',
    `These files have ${sizeBytes} bytes together; a zip has room for ${mostBytes}.`,
    'Use the files that the model came as: they are the same.',
    { sizeBytes },
  );
}

/** Looks at names, methods and sizes as the directory claims them; `fail` throws. */
export function checkEntries(entries: readonly ZipEntry[], limits: ZipLimits, fail: (fault: string) => never): void {
  const names = new Set<string>();
  let total = 0;
  for (const entry of entries) {
    if (isUnsafePath(entry.name)) fail(`it holds the path “${entry.name.slice(0, 120)}”, which leads out of the folder`);
    if (names.has(entry.name)) fail(`it holds “${entry.name}” twice`);
    names.add(entry.name);
    if (entry.encrypted) fail(`“${entry.name}” is encrypted`);
    if (entry.method !== 0 && entry.method !== 8)
      fail(`“${entry.name}” is packed by method ${entry.method}; only deflate is read`);
    if (entry.method === 0 && entry.sizeBytes !== entry.compressedBytes) fail(`the two sizes of “${entry.name}” differ`);
    if (entry.sizeBytes > 1e6 && entry.sizeBytes > limits.ratio * entry.compressedBytes) {
      fail(`“${entry.name}” would grow from ${entry.compressedBytes} to ${entry.sizeBytes} bytes`);
    }
    total += entry.sizeBytes;
    if (total > limits.totalBytes) fail(`its files have more than ${limits.totalBytes} bytes together`);
  }
}

/** The file that an entry's bytes are. Throws by `fail` where they are not what the directory says. */
export function unpackEntry(data: Uint8Array, entry: ZipEntry, fail: (fault: string) => never): Uint8Array<ArrayBuffer> {
  const file = entry.method === 0 ? data.slice() : inflate(data, entry, fail);
  if (file.length !== entry.sizeBytes || crc32(file) !== entry.checksum) fail(`“${entry.name}” is damaged: its checksum differs`);
  return file;
}

function inflate(data: Uint8Array, entry: ZipEntry, fail: (fault: string) => never): Uint8Array<ArrayBuffer> {
  try {
    // A given output buffer does not grow: what would not fit is lost, and the checksum tells.
    const out = new Uint8Array(entry.sizeBytes);
    return out.subarray(0, inflateSync(data, { out }).length);
  } catch {
    return fail(`“${entry.name}” is damaged`);
  }
}

function isUnsafePath(name: string): boolean {
  return name === '' || /^[/\\]|^[a-z]:|\\|\0/i.test(name) || name.split('/').includes('..');
}
