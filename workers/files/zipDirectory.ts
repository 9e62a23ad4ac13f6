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

/**
 * Every entry of the central directory (APPNOTE 6.3 sections 4.3.7, 4.3.12, 4.3.16), folders included.
 * `fail` throws; it is called with what is wrong.
 */
export function readZipDirectory(bytes: Uint8Array, maximumEntries: number, fail: (fault: string) => never): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end === null) return fail('it has no zip directory at its end; it may be cut off, or not be a zip at all');
  const count = view.getUint16(end + 10, true);
  const directoryBytes = view.getUint32(end + 12, true);
  const start = view.getUint32(end + 16, true);
  if (count === 0xffff || start === wide) return fail('it is a zip64 archive, which only files over 4 GB need');
  if (view.getUint16(end + 8, true) !== count || view.getUint16(end + 4, true) !== 0) return fail('it is one part of several');
  if (count > maximumEntries) return fail(`it holds ${count} files; at most ${maximumEntries} are read`);
  if (start + directoryBytes > end) return fail('its directory does not lie before its end');
  const entries: ZipEntry[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + entryBytes > start + directoryBytes || view.getUint32(at, true) !== entrySignature) {
      return fail(`entry ${i + 1} of its directory is damaged`);
    }
    const nameBytes = view.getUint16(at + 28, true);
    const next = at + entryBytes + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > start + directoryBytes) return fail(`entry ${i + 1} of its directory is damaged`);
    entries.push({
      name:
        decodeName(bytes.subarray(at + entryBytes, at + entryBytes + nameBytes)) ??
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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = entry.headerOffset;
  if (at + localBytes > bytes.length || view.getUint32(at, true) !== localSignature) {
    return fail(`“${entry.name}” does not begin where the directory says`);
  }
  const start = at + localBytes + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  if (start + entry.compressedBytes > bytes.length) return fail(`“${entry.name}” ends after the archive does`);
  return bytes.subarray(start, start + entry.compressedBytes);
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
