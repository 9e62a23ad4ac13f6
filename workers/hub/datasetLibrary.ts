import { TuneletError } from '../api/errors';
import { mostParquetBytes, type DatasetDownload, type HubDatasetReference, type KeptDataset } from '../api/hubDataset';
import { MemoryRoom } from '../storage/memoryRoom';
import type { FileRoom } from '../storage/fileRoom';
import type { HubAccess } from './access';
import { parseDatasetId } from './datasetId';
import { listDataset, type DatasetListing } from './datasetListing';
import { datasetManifestName, readDatasetManifests, writeDatasetManifest, type DatasetManifest } from './datasetManifest';
import { DatasetServer, datasetServerEndpoint } from './datasetServer';
import { HubDataset } from './hubDataset';
import { KeptFiles } from './keptFiles';

/** Datasets of the Hub and what of them is kept on the device. */
export class DatasetLibrary {
  readonly #room: FileRoom;
  readonly #isLasting: boolean;
  readonly #files: KeptFiles;
  readonly #access: () => HubAccess;
  readonly #server: string;
  readonly #tell: (download: DatasetDownload) => void;

  /**
   * @param room null where the browser keeps nothing: files then stay in memory as long as the tab
   * @param access asked before each question, since a token may come or go
   */
  constructor(
    room: FileRoom | null,
    access: () => HubAccess,
    tell: (download: DatasetDownload) => void,
    server: string = datasetServerEndpoint,
  ) {
    this.#room = room ?? new MemoryRoom(mostParquetBytes);
    this.#isLasting = room !== null;
    this.#files = new KeptFiles(this.#room);
    this.#access = access;
    this.#server = server;
    this.#tell = tell;
  }

  /**
   * Asks the Hub for a dataset; where it does not answer, what is kept on the device of it.
   * @throws TuneletError 'hub/…' where neither is there
   */
  async open(asked: HubDatasetReference, signal?: AbortSignal): Promise<HubDataset> {
    const id = parseDatasetId(asked.id);
    const server = new DatasetServer(id, this.#access(), this.#server, signal);
    try {
      return this.#dataset(server, await listDataset(server, asked), false);
    } catch (thrown) {
      signal?.throwIfAborted();
      const isSilent = thrown instanceof TuneletError && (thrown.code === 'hub/offline' || thrown.code === 'hub/busy');
      const kept = isSilent ? await this.#kept(id, asked.config) : null;
      if (!kept) throw thrown;
      return this.#dataset(server, kept.listing, true);
    }
  }

  /** A dataset that was opened before, without asking again what it has. */
  reopen({ listing, isFromDevice }: Pick<HubDataset, 'listing' | 'isFromDevice'>, signal?: AbortSignal): HubDataset {
    const server = new DatasetServer(listing.id, this.#access(), this.#server, signal);
    server.isGated = listing.isGated;
    return this.#dataset(server, listing, isFromDevice);
  }

  /** Last used first. */
  async kept(): Promise<KeptDataset[]> {
    const bytes = await this.#files.keptBytes();
    return (await readDatasetManifests(this.#room)).map(({ listing, lastUsedMs }) => {
      const { id, config } = listing;
      const keptBytes = [...digestsOf({ listing })].reduce((sum, digest) => sum + (bytes.get(digest) ?? 0), 0);
      return { id, config, keptBytes, lastUsedMs };
    });
  }

  /** Deletes a dataset and every file that no other kept dataset has. */
  async remove({ id, config }: { id: string; config: string }): Promise<void> {
    await this.#room.remove(datasetManifestName({ id, config }));
    const needed = new Set((await readDatasetManifests(this.#room)).flatMap((manifest) => [...digestsOf(manifest)]));
    const kept = await this.#files.keptBytes();
    await this.#files.remove([...kept.keys()].filter((digest) => !needed.has(digest)));
  }

  #dataset(server: DatasetServer, listing: DatasetListing, isFromDevice: boolean): HubDataset {
    return new HubDataset({
      server,
      listing,
      isFromDevice,
      access: this.#access(),
      files: this.#files,
      room: this.#room,
      isLasting: this.#isLasting,
      tell: this.#tell,
      remember: () => writeDatasetManifest(this.#room, { listing, lastUsedMs: Date.now() }),
    });
  }

  async #kept(id: string, config: string | undefined): Promise<DatasetManifest | null> {
    const manifests = (await readDatasetManifests(this.#room)).filter(({ listing }) => listing.id === id);
    return manifests.find(({ listing }) => config === undefined || listing.config === config) ?? null;
  }
}

function digestsOf({ listing }: Pick<DatasetManifest, 'listing'>): Set<string> {
  return new Set(listing.splits.flatMap(({ files }) => (files ?? []).map(({ checksum }) => checksum.digest)));
}
