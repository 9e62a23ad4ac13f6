import type { HubModelPlan } from '../api/hub';
import type { FileRoom } from '../storage/fileRoom';
import type { HubAccess } from './access';
import { fetchHubFile } from './fetchHubFile';
import type { KeptFiles } from './keptFiles';
import type { HubListing, ListedFile } from './listedFile';
import { filesOfModel, ggufFiles } from './modelFiles';

export interface RepositoryFile {
  body: ReadableStream<Uint8Array<ArrayBuffer>>;
  sizeBytes: number | null;
}

/** Where files are kept, or null where the browser keeps none. */
export interface Shelf {
  room: FileRoom;
  files: KeptFiles;
  /** Downloads what is missing of these files of a repository. */
  keep(repository: HubRepository, files: readonly ListedFile[], signal?: AbortSignal): Promise<void>;
}

/** A model's repository at one commit; its files come from the device where they are kept, and from the Hub where not. */
export class HubRepository {
  readonly listing: HubListing;
  /** As asked for. */
  readonly revision: string;
  /** The file that holds all weights; null for safetensors. */
  readonly weightsFile: string | null;
  /** The Hub did not answer; what is kept is all there is. */
  readonly isFromDevice: boolean;
  readonly #access: () => HubAccess;
  readonly #shelf: Shelf | null;

  constructor(
    asked: { listing: HubListing; revision: string; weightsFile: string | null; isFromDevice: boolean },
    access: () => HubAccess,
    shelf: Shelf | null,
  ) {
    this.listing = asked.listing;
    this.revision = asked.revision;
    this.weightsFile = asked.weightsFile;
    this.isFromDevice = asked.isFromDevice;
    this.#access = access;
    this.#shelf = shelf;
  }

  /** What the model needs, the weights last. */
  get files(): ListedFile[] {
    return filesOfModel(this.listing.files, this.weightsFile);
  }

  /**
   * Opens a file by its path; null where the repository has none. A file that is wanted whole is kept on the device first and
   * read from there; for `firstBytes` of one that is not kept, only those are asked for, and more may come.
   * @throws TuneletError 'hub/…' or 'storage/…'
   */
  async open(
    path: string,
    options: { signal?: AbortSignal | undefined; firstBytes?: number | undefined } = {},
  ): Promise<RepositoryFile | null> {
    const file = this.listing.files.find((listed) => listed.path === path);
    if (!file) return null;
    const { signal, firstBytes } = options;
    const kept = await this.#kept(file, options);
    if (kept) return { body: (firstBytes === undefined ? kept : kept.slice(0, firstBytes)).stream(), sizeBytes: kept.size };
    const { id, commit } = this.listing;
    const { body, sizeBytes } = await fetchHubFile(
      { id, revision: commit, path },
      { access: this.#access(), signal, firstBytes },
    );
    return { body, sizeBytes };
  }

  /** Downloads all that the model needs and that is not here. @throws as `transferFile` does, and 'hub/cancelled' */
  async download(signal?: AbortSignal): Promise<void> {
    await this.#shelf?.keep(this, this.files, signal);
  }

  async plan(): Promise<HubModelPlan> {
    const { listing, files } = this;
    const kept = (await this.#shelf?.files.keptBytes()) ?? new Map<string, number>();
    const planned = files.map(({ path, sizeBytes, checksum }) => {
      return { path, sizeBytes, keptBytes: Math.min(sizeBytes, kept.get(checksum.digest) ?? 0) };
    });
    const others = listing.files.filter((file) => !files.includes(file));
    return {
      id: listing.id,
      revision: this.revision,
      commit: listing.commit,
      file: this.weightsFile,
      files: planned,
      totalBytes: sum(planned.map(({ sizeBytes }) => sizeBytes)),
      keptBytes: sum(planned.map(({ keptBytes }) => keptBytes)),
      otherFiles: { count: others.length, sizeBytes: sum(others.map(({ sizeBytes }) => sizeBytes)) },
      ggufFiles: ggufFiles(listing).map(({ path, sizeBytes }) => ({ path, sizeBytes })),
      parameterCount: listing.parameterCount,
      licence: listing.licence,
      isGated: listing.isGated,
      isFromDevice: this.isFromDevice,
      storage: (await this.#shelf?.room.use()) ?? null,
    };
  }

  async #kept(
    file: ListedFile,
    { signal, firstBytes }: { signal?: AbortSignal | undefined; firstBytes?: number | undefined },
  ): Promise<Blob | null> {
    if (!this.#shelf) return null;
    const kept = await this.#shelf.files.read(file);
    if (kept !== null || firstBytes !== undefined) return kept;
    await this.#shelf.keep(this, [file], signal);
    return this.#shelf.files.read(file);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
