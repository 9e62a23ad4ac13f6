import type { Preparation, ReadChoices, SplitName } from '../api/dataset';
import { TuneletError } from '../api/errors';
import type { DatasetOrigin } from '../api/keptDataset';
import { splitNames } from '../api/splitNames';
import { crc32 } from '../files/crc32';
import type { FileRoom } from '../storage/fileRoom';
import { isRecord } from '../api/isRecord';

/** One file of a kept dataset; its copy lies under its digest. */
export interface KeptFile {
  part: SplitName;
  name: string;
  type: string;
  lastModified: number;
  sizeBytes: number;
  /** SHA-256, hexadecimal. */
  digest: string;
}

export interface KeptManifest {
  name: string;
  origin: Exclude<DatasetOrigin, { kind: 'files' }> | { kind: 'files' };
  /** None for the sample and for a dataset of the Hub. */
  files: readonly KeptFile[];
  choices: ReadChoices;
  preparation: Preparation;
}

const fileName = 'dataset.json';

/** Of the shape below. A dataset kept by another version of the page is refused: it costs the user one drop, a wrong reading more. */
const version = 1;

const mostBytes = 1024 * 1024;

/** In one go: the CRC-32 of the body, a line break, the body. */
export async function writeKeptManifest(room: FileRoom, manifest: KeptManifest): Promise<void> {
  const body = JSON.stringify({ version, ...manifest });
  await room.write(fileName, encode(`${checksumOf(body)}\n${body}`));
}

/**
 * Null where nothing is kept.
 * @throws TuneletError 'data/kept-damaged'; 'data/kept-version' where another version of the page wrote it
 */
export async function readKeptManifest(room: FileRoom): Promise<KeptManifest | null> {
  const blob = await room.read(fileName);
  if (!blob) return null;
  if (blob.size > mostBytes) throw damaged();
  const [checksum, body = ''] = (await blob.text()).split('\n', 2);
  if (checksum !== checksumOf(body)) throw damaged();
  const value: unknown = JSON.parse(body);
  if (!isRecord(value)) throw damaged();
  if (value['version'] !== version) throw otherVersion(String(value['version']));
  if (!isManifest(value)) throw damaged();
  return value;
}

function checksumOf(body: string): string {
  return crc32(encode(body)).toString(16).padStart(8, '0');
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The checksum tells that it is what this page wrote; the version, in which shape. So only its outline is looked at. */
function isManifest(value: Record<string, unknown>): value is Record<string, unknown> & KeptManifest {
  const { name, origin, files, choices, preparation } = value;
  const hasOrigin = isRecord(origin) && (origin['kind'] === 'hub' ? isRecord(origin['choice']) : isSimple(origin['kind']));
  const isPrepared = isRecord(preparation) && ['mapping', 'cleaning', 'split'].every((part) => isRecord(preparation[part]));
  return (
    typeof name === 'string' && hasOrigin && isPrepared && isRecord(choices) && Array.isArray(files) && files.every(isKeptFile)
  );
}

function isSimple(kind: unknown): boolean {
  return kind === 'sample' || kind === 'files';
}

function isKeptFile(file: unknown): boolean {
  return (
    isRecord(file) &&
    splitNames.some((split) => split === file['part']) &&
    typeof file['name'] === 'string' &&
    typeof file['type'] === 'string' &&
    typeof file['lastModified'] === 'number' &&
    typeof file['sizeBytes'] === 'number' &&
    /^[0-9a-f]{64}$/.test(String(file['digest']))
  );
}

function damaged(): TuneletError {
  return new TuneletError(
    'data/kept-damaged',
    'What was kept of the dataset of your last visit is damaged.',
    'It is forgotten: drop the file again. Your settings are as they were.',
  );
}

function otherVersion(found: string): TuneletError {
  return new TuneletError(
    'data/kept-version',
    `The dataset of your last visit was kept by another version of this page (format ${found}; this page reads format ${version}).`,
    'It is forgotten: drop the file again. Your settings are as they were.',
    { found, version },
  );
}
