/** One file as the central directory of a zip describes it. */
export interface ZipEntry {
  name: string;
  method: number;
  encrypted: boolean;
  checksum: number;
  compressedBytes: number;
  /** As claimed; inflating must give exactly this. */
  sizeBytes: number;
  headerOffset: number;
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
const entryBytes = 46;
const localBytes = 30;
const wide = 0xffffffff;
const zip64EndSignature = 0x06064b50;
const zip64LocatorSignature = 0x07064b50;
const zip64EndBytes = 56;
const zip64LocatorBytes = 20;

/** Where the central directory lies. */
export interface ZipEnd {
  count: number;
  directoryBytes: number;
  /** Counted from the start of the archive. */
  start: number;
}

/** The most bytes at the end of an archive that its end records take. */
export const zipTailBytes = endBytes + 0xffff + zip64LocatorBytes + zip64EndBytes;

/**
 * Reads the end records (APPNOTE 6.3 sections 4.3.14 to 4.3.16) in `tail`, the archive's last `zipTailBytes` bytes or all of it.
 * `fail` throws; it is called with what is wrong.
 */
export function readZipEnd(tail: Uint8Array, archiveBytes: number, fail: (fault: string) => never): ZipEnd {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const at = findEnd(view);
  if (at === null) return fail('it has no zip directory at its end; it may be cut off, or not be a zip at all');
  const found = {
    count: view.getUint16(at + 10, true),
    directoryBytes: view.getUint32(at + 12, true),
    start: view.getUint32(at + 16, true),
  };
  const isWide = found.count === 0xffff || found.start === wide || found.directoryBytes === wide;
  const wideEnd = isWide ? readWideEnd(view, at) : null;
  if (!wideEnd && (view.getUint16(at + 8, true) !== found.count || view.getUint16(at + 4, true) !== 0))
    return fail('it is one part of several');
  const end = wideEnd ?? found;
  if (end.start + end.directoryBytes > archiveBytes - (tail.length - at)) fail('its directory does not lie before its end');
  return end;
}

/** The record that archives of many files have besides; null where there is none. */
function readWideEnd(view: DataView, end: number): ZipEnd | null {
  const locator = end - zip64LocatorBytes;
  const at = locator - zip64EndBytes;
  if (at < 0 || view.getUint32(locator, true) !== zip64LocatorSignature || view.getUint32(at, true) !== zip64EndSignature)
    return null;
  return {
    count: Number(view.getBigUint64(at + 32, true)),
    directoryBytes: Number(view.getBigUint64(at + 40, true)),
    start: Number(view.getBigUint64(at + 48, true)),
  };
}

/** Every entry of an archive that is all there, folders included. */
export function readZipDirectory(bytes: Uint8Array, maximumEntries: number, fail: (fault: string) => never): ZipEntry[] {
  const end = readZipEnd(bytes, bytes.length, fail);
  checkCount(end, maximumEntries, fail);
  return readZipEntries(bytes.subarray(end.start, end.start + end.directoryBytes), end, fail);
}

/** Throws by `fail` where the directory says more entries than are read, or than its own bytes can hold. */
export function checkCount({ count, directoryBytes }: ZipEnd, maximumEntries: number, fail: (fault: string) => never): void {
  if (count > maximumEntries) fail(`it holds ${count} files; at most ${maximumEntries} are read`);
  if (count * entryBytes > directoryBytes) fail('its directory is too small for its files');
}

/** The entries of a central directory (APPNOTE 6.3 section 4.3.12), whose bytes are given. */
export function readZipEntries(directory: Uint8Array, { count, start }: ZipEnd, fail: (fault: string) => never): ZipEntry[] {
  const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + entryBytes > directory.length || view.getUint32(at, true) !== entrySignature) {
      return fail(`entry ${i + 1} of its directory is damaged`);
    }
    const nameBytes = view.getUint16(at + 28, true);
    const next = at + entryBytes + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > directory.length) return fail(`entry ${i + 1} of its directory is damaged`);
    entries.push({
      name:
        decodeName(directory.subarray(at + entryBytes, at + entryBytes + nameBytes)) ??
        fail(`the name of entry ${i + 1} is not UTF-8`),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      checksum: view.getUint32(at + 16, true),
      compressedBytes: view.getUint32(at + 20, true),
      sizeBytes: view.getUint32(at + 24, true),
      headerOffset: view.getUint32(at + 42, true),
    });
    at = next;
  }
  checkOrder(entries, start, fail);
  return entries;
}

/** The compressed bytes of an entry: a view, not a copy. */
export function entryData(bytes: Uint8Array, entry: ZipEntry, fail: (fault: string) => never): Uint8Array {
  const at = entry.headerOffset;
  const start = at + headerBytesOf(bytes.subarray(at, at + localBytes), entry, fail);
  if (start + entry.compressedBytes > bytes.length) return fail(`“${entry.name}” ends after the archive does`);
  return bytes.subarray(start, start + entry.compressedBytes);
}

export const localHeaderBytes = localBytes;

/** How many bytes the header before an entry's data has, by its first `localHeaderBytes` (APPNOTE 6.3 section 4.3.7). */
export function headerBytesOf(header: Uint8Array, { name }: ZipEntry, fail: (fault: string) => never): number {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (header.length < localBytes || view.getUint32(0, true) !== localSignature) {
    return fail(`“${name}” does not begin where the directory says`);
  }
  return localBytes + view.getUint16(26, true) + view.getUint16(28, true);
}

/** Entries that share bytes are how a small archive claims to hold petabytes. */
function checkOrder(entries: readonly ZipEntry[], directoryStart: number, fail: (fault: string) => never): void {
  let end = 0;
  for (const entry of [...entries].sort((a, b) => a.headerOffset - b.headerOffset)) {
    if (entry.headerOffset < end) fail(`“${entry.name}” shares bytes with another file`);
    end = entry.headerOffset + localBytes + entry.compressedBytes;
    if (end > directoryStart) fail(`“${entry.name}” does not lie before the directory`);
  }
}

/** The end record stands at the very end, or before a comment of at most 65,535 bytes. */
function findEnd(view: DataView): number | null {
  const last = view.byteLength - endBytes;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) === endSignature && at + endBytes + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  return null;
}

function decodeName(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
