import { TuneletError } from '../api/errors';
import type { NamedBlob } from './decode';

const signatures: readonly { name: string; bytes: readonly number[] }[] = [
  { name: 'gzip', bytes: [0x1f, 0x8b] },
  { name: 'zip or spreadsheet', bytes: [0x50, 0x4b, 0x03, 0x04] },
  { name: 'Parquet', bytes: [0x50, 0x41, 0x52, 0x31] },
  { name: 'PDF', bytes: [0x25, 0x50, 0x44, 0x46] },
  { name: 'old spreadsheet', bytes: [0xd0, 0xcf, 0x11, 0xe0] },
];

const extensions: readonly { name: string; pattern: RegExp }[] = [{ name: 'JSON', pattern: /\.json$/i }];

/** Throws data/unsupported-format for files that are known not to be delimited text, by their first bytes, else by their name. */
export async function refuseOtherFormats(file: NamedBlob): Promise<void> {
  const start = new Uint8Array(await file.slice(0, 8).arrayBuffer());
  const found =
    signatures.find(({ bytes }) => bytes.every((byte, index) => start[index] === byte)) ??
    extensions.find(({ pattern }) => pattern.test(file.name));
  if (found === undefined) return;
  throw new TuneletError(
    'data/unsupported-format',
    `Reading ${file.name}, it turned out to be a ${found.name} file. Tunelet reads tables as text: CSV, or separated by semicolons, tabs or bars; also JSON lines (.jsonl) and plain text (.txt).`,
    'Unpack it or export it as CSV, UTF-8, and choose that file.',
    { file: file.name, format: found.name },
  );
}
