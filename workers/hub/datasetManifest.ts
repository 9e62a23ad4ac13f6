import type { FileRoom } from '../storage/fileRoom';
import type { DatasetListing } from './datasetListing';
import { isRecord } from '../api/isRecord';
import { readManifestFiles } from './manifestFiles';

/** What is remembered of a dataset on the device: its description, and which files hold its rows. */
export interface DatasetManifest {
  listing: DatasetListing;
  lastUsedMs: number;
}

const suffix = '.dataset.json';
const version = 1;

export function datasetManifestName({ id, config }: { id: string; config: string }): string {
  return `${encodeURIComponent(`${id.replace('/', '--')}@${config}`).slice(0, 200)}${suffix}`;
}

export async function writeDatasetManifest(room: FileRoom, manifest: DatasetManifest): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify({ version, ...manifest }));
  await room.write(datasetManifestName(manifest.listing), bytes);
}

/** All that can be read, last used first; one of another version, or damaged, counts as not there. */
export function readDatasetManifests(room: FileRoom): Promise<DatasetManifest[]> {
  return readManifestFiles(room, suffix, isManifest);
}

function isManifest(value: unknown): value is DatasetManifest {
  if (!isRecord(value) || value['version'] !== version || typeof value['lastUsedMs'] !== 'number') return false;
  const { listing } = value;
  if (!isRecord(listing) || typeof listing['id'] !== 'string' || typeof listing['config'] !== 'string') return false;
  const { configs, features, splits, preview, licence, isGated } = listing;
  const areRest = (licence === null || typeof licence === 'string') && typeof isGated === 'boolean';
  return areRest && [configs, features, preview].every(Array.isArray) && Array.isArray(splits) && splits.every(isSplit);
}

function isSplit(split: unknown): boolean {
  if (!isRecord(split) || typeof split['name'] !== 'string' || !Array.isArray(split['unlabelled'])) return false;
  const { files } = split;
  return files === null || (Array.isArray(files) && files.every(isFile));
}

function isFile(file: unknown): boolean {
  if (!isRecord(file) || typeof file['path'] !== 'string' || typeof file['sizeBytes'] !== 'number') return false;
  const { checksum } = file;
  return isRecord(checksum) && checksum['kind'] === 'sha256' && /^[0-9a-f]{64}$/.test(String(checksum['digest']));
}
