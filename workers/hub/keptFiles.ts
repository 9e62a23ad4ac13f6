import { TuneletError } from '../api/errors';
import type { FileRoom } from '../storage/fileRoom';
import { quotaError } from '../storage/storageErrors';
import type { HubAccess } from './access';
import type { ListedFile } from './listedFile';
import { transferFile } from './transfer';

/** Where a file comes from, and who hears of its bytes. */
export interface FileOrigin {
  id: string;
  commit: string;
  access: HubAccess;
  signal?: AbortSignal | undefined;
  onBytes?: ((loadedBytes: number) => void) | undefined;
}

/**
 * Files of the Hub on the device, each under its checksum: `<digest>` when all of it is here and checked, `<digest>.part`
 * before, with the server's tag beside it in `<digest>.tag`.
 */
export class KeptFiles {
  readonly #room: FileRoom;
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(room: FileRoom) {
    this.#room = room;
  }

  /** Null unless all of it is here. */
  async read(file: ListedFile): Promise<Blob | null> {
    return this.#room.read(file.checksum.digest);
  }

  /** Bytes that are here, by digest. */
  async keptBytes(): Promise<Map<string, number>> {
    const kept = new Map<string, number>();
    for (const { name, sizeBytes } of await this.#room.list()) {
      const digest = /^([0-9a-f]{40}|[0-9a-f]{64})(\.part)?$/.exec(name)?.[1];
      if (digest !== undefined) kept.set(digest, Math.max(sizeBytes, kept.get(digest) ?? 0));
    }
    return kept;
  }

  /** Downloads what is missing of a file. Whoever asks for a file under way waits for it. @throws as `transferFile` does */
  async keep(file: ListedFile, origin: FileOrigin): Promise<void> {
    const { digest } = file.checksum;
    const already = this.#underWay.get(digest);
    if (already) return already;
    const keeping = this.#download(file, origin).finally(() => this.#underWay.delete(digest));
    this.#underWay.set(digest, keeping);
    return keeping;
  }

  /** Waits for all that is under way, however it ends. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay.values());
  }

  /** @throws TuneletError 'storage/quota' when the files do not all fit, before a byte is downloaded */
  async checkSpace(what: string, files: readonly ListedFile[]): Promise<void> {
    const kept = await this.keptBytes();
    const missing = files.reduce((sum, file) => sum + file.sizeBytes - (kept.get(file.checksum.digest) ?? 0), 0);
    const { usedBytes, quotaBytes } = await this.#room.use();
    if (missing > quotaBytes - usedBytes) throw quotaError(what, missing, quotaBytes - usedBytes);
  }

  async remove(digests: Iterable<string>): Promise<void> {
    for (const digest of digests) {
      for (const name of [digest, `${digest}.part`, `${digest}.tag`]) await this.#room.remove(name);
    }
  }

  async #download(file: ListedFile, origin: FileOrigin): Promise<void> {
    const { digest } = file.checksum;
    if ((await this.read(file)) !== null) return;
    const room = this.#room;
    const tag = await (await room.read(`${digest}.tag`))?.text();
    const part = await room.append(`${digest}.part`).catch((error: unknown) => {
      throw named(error, `${digest}.part`, `${file.path} of ${origin.id}`);
    });
    let sizeBytes = 0;
    try {
      await transferFile({ ...origin, file, part, tag: tag ?? null, keepTag: (next) => this.#keepTag(digest, next) });
    } catch (error) {
      throw named(error, `${digest}.part`, `${file.path} of ${origin.id}`);
    } finally {
      sizeBytes = part.sizeBytes;
      part.close();
      // Nothing came, or it was damaged.
      if (sizeBytes === 0 && file.sizeBytes > 0) await this.remove([digest]);
    }
    await room.rename(`${digest}.part`, digest);
    await room.remove(`${digest}.tag`);
  }

  async #keepTag(digest: string, tag: string | null): Promise<void> {
    if (tag === null) await this.#room.remove(`${digest}.tag`);
    else await this.#room.write(`${digest}.tag`, new TextEncoder().encode(tag));
  }
}

/** The room knows a file by its checksum; a user knows it by its path. */
function named(error: unknown, storedName: string, name: string): unknown {
  if (!(error instanceof TuneletError) || !error.code.startsWith('storage/')) return error;
  return new TuneletError(error.code, error.message.replace(storedName, name), error.remedy, { ...error.details, file: name });
}
