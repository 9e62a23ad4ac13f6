import type { FileRoom } from '../storage/fileRoom';
import type { HubListing, ListedFile } from './listedFile';
import { readManifestFiles } from './manifestFiles';
import { isRecord } from '../api/isRecord';

/**
 * What is remembered of a model on the device: which files make it up. The bytes of a file lie under its checksum, so models
 * and revisions that share a file share its bytes.
 */
export interface Manifest {
  listing: HubListing;
  /** Revisions that stood for the commit when it was last asked for. */
  revisions: string[];
  /** The file that holds all weights; null for safetensors. */
  weightsFile: string | null;
  lastUsedMs: number;
}

const suffix = '.model.json';
const version = 1;

export function manifestName({ listing, weightsFile }: Pick<Manifest, 'listing' | 'weightsFile'>): string {
  // Ids hold no "--", and the name of a file in the browser's storage no slash.
  const parts = [listing.id.replace('/', '--'), listing.commit, ...(weightsFile === null ? [] : [weightsFile])];
  return `${encodeURIComponent(parts.join('@')).slice(0, 200)}${suffix}`;
}

export async function writeManifest(room: FileRoom, manifest: Manifest): Promise<void> {
  await room.write(manifestName(manifest), new TextEncoder().encode(JSON.stringify({ version, ...manifest })));
}

/** All that can be read; one of another version, or damaged, counts as not there. */
export function readManifests(room: FileRoom): Promise<Manifest[]> {
  return readManifestFiles(room, suffix, isManifest);
}

function isManifest(value: unknown): value is Manifest {
  if (!isRecord(value) || value['version'] !== version || !isListing(value['listing'])) return false;
  const { revisions, weightsFile, lastUsedMs } = value;
  const areNames = Array.isArray(revisions) && revisions.every((name) => typeof name === 'string');
  return areNames && (weightsFile === null || typeof weightsFile === 'string') && typeof lastUsedMs === 'number';
}

function isListing(value: unknown): value is HubListing {
  if (!isRecord(value) || typeof value['id'] !== 'string' || typeof value['commit'] !== 'string') return false;
  const { files, parameterCount, licence, isGated } = value;
  const isRest = typeof isGated === 'boolean' && (licence === null || typeof licence === 'string');
  const isCount = parameterCount === null || typeof parameterCount === 'number';
  return isRest && isCount && Array.isArray(files) && files.every(isListedFile);
}

function isListedFile(value: unknown): value is ListedFile {
  if (!isRecord(value) || typeof value['path'] !== 'string' || typeof value['sizeBytes'] !== 'number') return false;
  const { checksum } = value;
  if (!isRecord(checksum) || typeof checksum['digest'] !== 'string') return false;
  return (
    /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(checksum['digest']) && (checksum['kind'] === 'sha256' || checksum['kind'] === 'git')
  );
}
