import { TuneletError } from '../api/errors';
import type { DownloadProgress, HubModelReference, KeptModels } from '../api/hub';
import type { FileRoom } from '../storage/fileRoom';
import { readableBytes } from '../storage/readableBytes';
import { checkToken, openAccess, type HubAccess } from './access';
import { KeptFiles } from './keptFiles';
import type { ListedFile } from './listedFile';
import { manifestName, readManifests, writeManifest, type Manifest } from './manifest';
import { filesOfModel, isWeights } from './modelFiles';
import { parseModelId, parseRevision } from './modelId';
import { Pace } from './pace';
import { HubRepository, type Shelf } from './repository';
import { searchModels, type ListedModel } from './search';

const newsEveryMs = 125;
const rememberEveryMs = 10_000;

/** Models of the Hub and what of them is kept on the device. */
export class HubLibrary {
  readonly #room: FileRoom | null;
  readonly #shelf: Shelf | null;
  readonly #onProgress: (progress: DownloadProgress) => void;
  readonly #cancels = new Set<AbortController>();
  #access: HubAccess;
  #lastTurn: Promise<void> = Promise.resolve();

  /** @param room null where the browser keeps nothing: then every file comes from the network each time */
  constructor(room: FileRoom | null, onProgress: (progress: DownloadProgress) => void, access: HubAccess = openAccess()) {
    this.#room = room;
    this.#access = access;
    this.#onProgress = onProgress;
    const keep: Shelf['keep'] = (repository, files, signal) => this.#keep(repository, files, signal);
    this.#shelf = room && { room, files: new KeptFiles(room), keep };
  }

  /** Whom it asks now, and as whom. */
  get access(): HubAccess {
    return this.#access;
  }

  /** For gated and private models; null forgets it. @throws TuneletError 'hub/forbidden' for what cannot be a token */
  setToken(token: string | null): void {
    this.#access = { ...this.#access, token: token === null ? null : checkToken(token) };
  }

  /** See `searchModels`. */
  async search(words: string, signal?: AbortSignal): Promise<ListedModel[]> {
    return searchModels(words, this.#access, signal);
  }

  /**
   * Asks the Hub for a repository at a revision; where it does not answer, what is kept on the device of it.
   * @throws TuneletError 'hub/…' where neither is there
   */
  async open(asked: HubModelReference, signal?: AbortSignal): Promise<HubRepository> {
    const id = parseModelId(asked.id);
    const revision = parseRevision(asked.revision);
    const weightsFile = asked.file ?? null;
    const found = { revision, weightsFile };
    try {
      const { listRepository } = await import('./listing');
      const listing = await listRepository({ id, revision }, this.#access, signal);
      checkWeightsFile(id, listing.files, weightsFile);
      return this.#repository({ ...found, listing, isFromDevice: false });
    } catch (error) {
      signal?.throwIfAborted();
      const isOfHub = error instanceof TuneletError && error.code.startsWith('hub/');
      const manifest = isOfHub ? await this.#keptManifest(id, revision, weightsFile) : null;
      if (manifest) return this.#repository({ ...found, listing: manifest.listing, isFromDevice: true });
      throw error;
    }
  }

  /** Ends every download of weights and waits until they have let go of their files; what came of them stays. */
  async cancelDownloads(): Promise<void> {
    for (const controller of this.#cancels) controller.abort();
    await this.#shelf?.files.settled();
  }

  async kept(): Promise<KeptModels> {
    if (!this.#room || !this.#shelf) return { models: [], keptBytes: 0, storage: null };
    const kept = await this.#shelf.files.keptBytes();
    const models = (await readManifests(this.#room)).map(({ listing, revisions, weightsFile, lastUsedMs }) => {
      const files = filesOfModel(listing.files, weightsFile);
      const ofFile = ({ checksum, sizeBytes }: ListedFile) => Math.min(sizeBytes, kept.get(checksum.digest) ?? 0);
      return {
        id: listing.id,
        revision: revisions.at(-1) ?? 'main',
        commit: listing.commit,
        file: weightsFile,
        keptBytes: files.reduce((sum, file) => sum + ofFile(file), 0),
        totalBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
        lastUsedMs,
      };
    });
    const keptBytes = [...kept.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0);
    return { models, keptBytes, storage: await this.#room.use() };
  }

  /** Deletes a model and every file that no other kept model has. */
  async remove({ id, commit, file }: { id: string; commit: string; file: string | null }): Promise<void> {
    if (!this.#room || !this.#shelf) return;
    const manifests = await readManifests(this.#room);
    const isGone = ({ listing, weightsFile }: Manifest) => listing.id === id && listing.commit === commit && weightsFile === file;
    for (const manifest of manifests.filter(isGone)) await this.#room.remove(manifestName(manifest));
    const others = manifests.filter((manifest) => !isGone(manifest));
    const needed = new Set(others.flatMap(({ listing }) => listing.files.map(({ checksum }) => checksum.digest)));
    const unneeded = [...(await this.#shelf.files.keptBytes()).keys()].filter((digest) => !needed.has(digest));
    await this.#shelf.files.remove(unneeded);
  }

  #repository(found: ConstructorParameters<typeof HubRepository>[0]): HubRepository {
    return new HubRepository(found, () => this.#access, this.#shelf);
  }

  async #keptManifest(id: string, revision: string, weightsFile: string | null): Promise<Manifest | null> {
    if (!this.#room) return null;
    const isMeant = (manifest: Manifest) =>
      manifest.listing.id === id &&
      manifest.weightsFile === weightsFile &&
      (manifest.listing.commit === revision || manifest.revisions.includes(revision));
    return (await readManifests(this.#room)).find(isMeant) ?? null;
  }

  /** Downloads of weights are told to the page and can be cancelled; the small files come too fast for either. */
  async #keep(repository: HubRepository, files: readonly ListedFile[], signal: AbortSignal | undefined): Promise<void> {
    const { listing } = repository;
    const room = this.#room;
    if (!room || !this.#shelf) return;
    await this.#inTurn(() => remember(room, repository));
    const hasWeights = files.some(({ path }) => isWeights(path));
    if (hasWeights) await this.#shelf.files.checkSpace(listing.id, files);
    const controller = new AbortController();
    if (hasWeights) this.#cancels.add(controller);
    const news = hasWeights ? await this.#news(repository) : null;
    try {
      for (const file of files) {
        await this.#shelf.files.keep(file, {
          id: listing.id,
          commit: listing.commit,
          access: this.#access,
          signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
          onBytes: (loadedBytes) => news?.tell(file, loadedBytes),
        });
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (controller.signal.aborted) throw cancelled(listing.id, (await repository.plan()).keptBytes);
      throw error;
    } finally {
      this.#cancels.delete(controller);
      news?.end();
    }
  }

  /** One at a time writes what is remembered of models. */
  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#lastTurn.then(work);
    this.#lastTurn = turn.catch(() => undefined);
    return turn;
  }

  /** At the start, then some times a second and at each file's end. */
  async #news(repository: HubRepository): Promise<DownloadNews> {
    const { id, commit } = repository.listing;
    const { files, totalBytes } = await repository.plan();
    const loaded = new Map(files.map(({ path, keptBytes }) => [path, keptBytes]));
    const pace = new Pace();
    const say = (file: string, isOver: boolean) => {
      const loadedBytes = [...loaded.values()].reduce((sum, bytes) => sum + bytes, 0);
      pace.add(performance.now(), loadedBytes);
      const { bytesPerSecond } = pace;
      const secondsLeft = pace.secondsLeft(totalBytes - loadedBytes);
      this.#onProgress({ id, commit, file, loadedBytes, totalBytes, bytesPerSecond, secondsLeft, isOver });
    };
    let toldMs = performance.now();
    let last = files.at(-1)?.path ?? '';
    say(last, false);
    return {
      tell(file, fileBytes) {
        last = file.path;
        loaded.set(last, fileBytes);
        if (performance.now() - toldMs < newsEveryMs && fileBytes < file.sizeBytes) return;
        toldMs = performance.now();
        say(last, false);
      },
      end: () => say(last, true),
    };
  }
}

interface DownloadNews {
  tell(file: ListedFile, loadedBytes: number): void;
  end(): void;
}

async function remember(room: FileRoom, { listing, revision, weightsFile }: HubRepository): Promise<void> {
  const name = manifestName({ listing, weightsFile });
  const before = (await readManifests(room)).find((kept) => manifestName(kept) === name);
  const nowMs = Date.now();
  // A model's files are opened one after the other; once is enough.
  if (before?.revisions.at(-1) === revision && nowMs - before.lastUsedMs < rememberEveryMs) return;
  const others = (before?.revisions ?? []).filter((other) => other !== revision);
  await writeManifest(room, { listing, weightsFile, revisions: [...others, revision], lastUsedMs: nowMs });
}

function checkWeightsFile(id: string, files: readonly ListedFile[], weightsFile: string | null): void {
  if (weightsFile === null || files.some(({ path }) => path === weightsFile)) return;
  throw new TuneletError(
    'hub/not-found',
    `${id} on the Hub has no file ${weightsFile.slice(0, 120)}.`,
    'Choose one of the files that its page lists.',
    { id, file: weightsFile.slice(0, 120), missing: 'file' },
  );
}

function cancelled(id: string, keptBytes: number): TuneletError {
  return new TuneletError(
    'hub/cancelled',
    `The download of ${id} was stopped. ${readableBytes(keptBytes)} are kept on this device.`,
    'Go on with it whenever you like: it starts from the last byte.',
    { id, keptBytes },
  );
}
