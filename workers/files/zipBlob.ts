import { checkEntries, isFile, unpackEntry, type ZipLimits } from './zip';
import { checkCount, headerBytesOf, localHeaderBytes, readZipEnd, readZipEntries, zipTailBytes, type ZipEntry } from './zipDirectory'; // prettier-ignore

/** A file of a zip on the disk. */
export interface PackedPart {
  /** As claimed; unpacking gives exactly this. */
  sizeBytes: number;
  /** Reads it, and nothing else of the zip. Throws by `fail` where it is damaged. */
  unpack(): Promise<Uint8Array<ArrayBuffer>>;
}

/** A name takes some hundred bytes, and nobody has so many files. */
const mostDirectoryBytes = 16 << 20;

/**
 * As `openZip`, of a zip that may be too large for memory: its directory is read, and each file when it is asked for.
 * `fail` throws; it is called with what is wrong.
 */
export async function openZipBlob(
  zip: Blob,
  limits: ZipLimits,
  fail: (fault: string) => never,
): Promise<Map<string, PackedPart>> {
  const read = async (start: number, end: number): Promise<Uint8Array<ArrayBuffer>> => {
    try {
      return new Uint8Array(await zip.slice(start, end).arrayBuffer());
    } catch {
      return fail('the disk did not give it; it may have been moved or changed');
    }
  };
  const end = readZipEnd(await read(Math.max(0, zip.size - zipTailBytes), zip.size), zip.size, fail);
  checkCount(end, limits.entries, fail);
  if (end.directoryBytes > mostDirectoryBytes) fail(`its directory has ${end.directoryBytes} bytes; at most ${mostDirectoryBytes} are read`); // prettier-ignore
  const directory = await read(end.start, end.start + end.directoryBytes);
  const entries = readZipEntries(directory, end, fail).filter(isFile);
  checkEntries(entries, limits, fail);
  const unpack = async (entry: ZipEntry): Promise<Uint8Array<ArrayBuffer>> => {
    const at = entry.headerOffset;
    const start = at + headerBytesOf(await read(at, at + localHeaderBytes), entry, fail);
    if (start + entry.compressedBytes > zip.size) fail(`“${entry.name}” ends after the archive does`);
    return unpackEntry(await read(start, start + entry.compressedBytes), entry, fail);
  };
  return new Map(entries.map((entry) => [entry.name, { sizeBytes: entry.sizeBytes, unpack: () => unpack(entry) }]));
}
