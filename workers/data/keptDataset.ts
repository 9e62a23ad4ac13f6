import type { DatasetFiles, Preparation, SplitName } from '../api/dataset';
import { TuneletError } from '../api/errors';
import { mostKeptBytes, type DatasetOrigin } from '../api/keptDataset';
import { splitNames } from '../api/splitNames';
import { startChecksum } from '../hub/checksum';
import type { FileRoom } from '../storage/fileRoom';
import { readableBytes } from '../storage/readableBytes';
import { quotaError } from '../storage/storageErrors';
import { readKeptManifest, writeKeptManifest, type KeptFile } from './keptManifest';
import { blobSource } from './source/byteSource';

/** A dataset as it was kept: where its rows come from, and all that was done to it after reading. */
export interface KeptRecord {
  name: string;
  origin: DatasetOrigin;
  preparation: Preparation;
  sizeBytes: number;
}

/**
 * The one dataset that is kept for the next visit. Its files lie under their SHA-256, each written whole before the manifest names
 * it; the manifest is replaced in one go, and only then do files that it no longer names go. So whenever the tab dies, one dataset or the other is whole.
 */
export class KeptDatasetRoom {
  readonly #room: FileRoom;
  /** What the files of an origin are kept as, so that another split or mapping copies nothing again. */
  #last: { origin: DatasetOrigin; files: readonly KeptFile[] } | null = null;

  constructor(room: FileRoom) {
    this.#room = room;
  }

  /**
   * Keeps a dataset in place of the one before; returns the bytes of its copies. The one before is gone also where this throws.
   * @throws TuneletError 'data/too-large', 'data/unreadable', 'storage/…'; the signal's reason when it aborts
   */
  async save(name: string, origin: DatasetOrigin, preparation: Preparation, signal?: AbortSignal): Promise<number> {
    try {
      const files = (await this.#filesHere(origin)) ?? (await this.#copy(name, origin, signal));
      const told = origin.kind === 'hub' ? { kind: origin.kind, choice: origin.choice } : { kind: origin.kind };
      const choices = origin.kind === 'files' ? origin.choices : {};
      await writeKeptManifest(this.#room, { name, origin: told, files, choices, preparation });
      this.#last = { origin, files };
      await this.#sweep(files);
      return sizeOf(files);
    } catch (thrown) {
      // What the user has replaced is not to come back in its place.
      if (!signal?.aborted) await this.clear();
      throw thrown;
    }
  }

  /** Null where nothing is kept. @throws TuneletError 'data/kept-damaged' or 'data/kept-version'; what is kept is gone then */
  async load(): Promise<KeptRecord | null> {
    try {
      const manifest = await readKeptManifest(this.#room);
      if (!manifest) return null;
      const { name, origin: told, files, choices, preparation } = manifest;
      const origin: DatasetOrigin =
        told.kind === 'files' ? { kind: 'files', files: await this.#open(name, files), choices } : told;
      this.#last = { origin, files };
      return { name, origin, preparation, sizeBytes: sizeOf(files) };
    } catch (thrown) {
      await this.clear();
      throw thrown;
    }
  }

  async clear(): Promise<void> {
    this.#last = null;
    for (const { name } of await this.#room.list()) await this.#room.remove(name);
  }

  /** Null unless all files of an origin are here already. */
  async #filesHere(origin: DatasetOrigin): Promise<readonly KeptFile[] | null> {
    if (origin.kind !== 'files') return [];
    if (this.#last?.origin !== origin) return null;
    const sizes = new Map((await this.#room.list()).map(({ name, sizeBytes }) => [name, sizeBytes]));
    const { files } = this.#last;
    return files.every(({ digest, sizeBytes }) => sizes.get(digest) === sizeBytes) ? files : null;
  }

  async #copy(name: string, origin: DatasetOrigin, signal?: AbortSignal): Promise<KeptFile[]> {
    if (origin.kind !== 'files') return [];
    const parts = partsOf(origin.files);
    const totalBytes = parts.reduce((sum, { file }) => sum + file.size, 0);
    if (totalBytes > mostKeptBytes) throw tooLarge(name, totalBytes);
    const { usedBytes, quotaBytes } = await this.#room.use();
    if (totalBytes > quotaBytes - usedBytes) throw quotaError(name, totalBytes, quotaBytes - usedBytes);
    const kept: KeptFile[] = [];
    for (const { part, file } of parts) {
      const { name: fileName, type, lastModified, size: sizeBytes } = file;
      kept.push({ part, name: fileName, type, lastModified, sizeBytes, digest: await this.#copyFile(file, signal) });
    }
    return kept;
  }

  /** Piece by piece, so that nothing of it stays in memory; returns its SHA-256. */
  async #copyFile(file: File, signal?: AbortSignal): Promise<string> {
    const checksum = await startChecksum('sha256', file.size);
    const copy = await this.#room.append(partialName);
    try {
      copy.clear();
      for await (const { bytes } of blobSource(file, file.name).read(signal)) {
        checksum.update(bytes);
        copy.write(bytes);
      }
      copy.flush();
    } finally {
      copy.close();
    }
    const digest = checksum.digest();
    if ((await this.#room.read(digest))?.size === file.size) await this.#room.remove(partialName);
    else await this.#room.rename(partialName, digest);
    return digest;
  }

  async #open(name: string, kept: readonly KeptFile[]): Promise<DatasetFiles> {
    const opened = new Map<SplitName, File[]>();
    for (const { part, name: fileName, type, lastModified, sizeBytes, digest } of kept) {
      const blob = await this.#room.read(digest);
      if (blob?.size !== sizeBytes || (await digestOf(blob)) !== digest) throw damaged(name, fileName);
      const file = new File([blob], fileName, { type, lastModified });
      opened.set(part, [...(opened.get(part) ?? []), file]);
    }
    const [train] = opened.get('train') ?? [];
    if (!train) throw damaged(name, name);
    const files: DatasetFiles = { train };
    for (const split of splitNames) {
      const [first, ...others] = opened.get(split) ?? [];
      if (first) files[split] = first;
      if (others.length > 0) files.furtherParts = { ...files.furtherParts, [split]: others };
    }
    return files;
  }

  /** Removes what no manifest names. */
  async #sweep(files: readonly KeptFile[]): Promise<void> {
    const named = new Set(files.map(({ digest }) => digest));
    for (const { name } of await this.#room.list()) {
      const isOld = /^[0-9a-f]{64}$/.test(name) && !named.has(name);
      if (isOld || name === partialName) await this.#room.remove(name);
    }
  }
}

const partialName = 'copy.part';

/** The files of a dataset in an order from which they can be put together again. */
function partsOf(files: DatasetFiles): { part: SplitName; file: File }[] {
  return splitNames.flatMap((part) => {
    const first = files[part];
    return first ? [first, ...(files.furtherParts?.[part] ?? [])].map((file) => ({ part, file })) : [];
  });
}

async function digestOf(blob: Blob): Promise<string> {
  const checksum = await startChecksum('sha256', blob.size);
  for await (const { bytes } of blobSource(blob, 'A kept file').read()) checksum.update(bytes);
  return checksum.digest();
}

function sizeOf(files: readonly KeptFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function tooLarge(name: string, totalBytes: number): TuneletError {
  return new TuneletError(
    'data/too-large',
    `${name} is not kept for the next visit: it has ${readableBytes(totalBytes)}, and at most ${readableBytes(mostKeptBytes)} of a dataset are kept.`,
    'It can be used all the same; after a reload, drop it again.',
    { sizeBytes: totalBytes, limitBytes: mostKeptBytes },
  );
}

function damaged(name: string, file: string): TuneletError {
  const what = name === file ? name : `${file} of ${name}`;
  return new TuneletError(
    'data/kept-damaged',
    `The copy of ${what} that was kept on this device is damaged or was cleared by the browser.`,
    'It is forgotten: drop the file again. Your settings are as they were.',
    { file },
  );
}
