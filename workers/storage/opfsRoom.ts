import type { FileAppender, FileRoom, StoredFile } from './fileRoom';
import { clearedError, isCleared, storageError } from './storageErrors';
import { inTurn, takeTurn, type Turn } from './turns';

/** What workers have of a file, and a page has not: no type library for both holds it. */
interface WorkerFileHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<SyncAccessHandle>;
  /** Renames within the folder. */
  move(name: string): Promise<void>;
}

interface SyncAccessHandle {
  getSize(): number;
  read(target: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(sizeBytes: number): void;
  flush(): void;
  close(): void;
}

/**
 * A folder in the browser's private file system (OPFS), for workers: its files are written through synchronous handles, each
 * of which one tab alone can hold. Null where the browser has no such file system or closes it to this page (private windows).
 */
export async function openFileRoom(folder: string): Promise<FileRoom | null> {
  const isOffered = 'FileSystemFileHandle' in globalThis && 'storage' in navigator;
  if (!isOffered || !canWrite(FileSystemFileHandle.prototype)) return null;
  try {
    return new OpfsRoom(folder, await openFolder(folder));
  } catch (thrown) {
    if (thrown instanceof DOMException) return null;
    throw thrown;
  }
}

/** Before each further try to write a file that was cleared meanwhile. */
const waitsForClearingMs = [0, 50, 250];

async function openFolder(name: string): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(name, { create: true });
}

class OpfsRoom implements FileRoom {
  readonly #name: string;
  #folder: FileSystemDirectoryHandle;

  constructor(name: string, folder: FileSystemDirectoryHandle) {
    this.#name = name;
    this.#folder = folder;
  }

  async list(): Promise<StoredFile[]> {
    // The browser may have cleared the folder itself.
    return this.#listed().catch(ifMissing([]));
  }

  async #listed(): Promise<StoredFile[]> {
    const files: StoredFile[] = [];
    for await (const [name, handle] of this.#folder.entries()) {
      if (!isFile(handle)) continue;
      // A file may be gone by now: another tab renames and removes too.
      const size = await handle.getFile().then((file) => file.size, ifMissing(null));
      if (size !== null) files.push({ name, sizeBytes: size });
    }
    return files;
  }

  async read(name: string): Promise<Blob | null> {
    const handle = await this.#folder.getFileHandle(name).catch(ifMissing(null));
    return handle === null ? null : handle.getFile().catch(ifMissing(null));
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    for (const waitMs of [...waitsForClearingMs, null]) {
      try {
        await this.#writeWhole(name, bytes);
        return;
      } catch (thrown) {
        // What the browser clears under a file that is being written, it lets be written anew once it is through.
        if (waitMs === null || !isCleared(thrown)) throw thrown;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  async #writeWhole(name: string, bytes: Uint8Array): Promise<void> {
    const temporary = `${name}.tmp`;
    const appender = await this.append(temporary);
    try {
      appender.clear();
      appender.write(bytes);
      appender.flush();
    } catch (thrown) {
      appender.close();
      // Half a file is of no use, and where the disk is full it is in the way.
      await this.remove(temporary);
      throw thrown;
    }
    appender.close();
    await this.rename(temporary, name);
  }

  async append(name: string): Promise<FileAppender> {
    try {
      return new OpfsAppender(name, await opened(writable(await this.#made(name))));
    } catch (thrown) {
      throw storageError(name, thrown);
    }
  }

  /** In a folder made anew where the browser has cleared the one there was. */
  async #made(name: string): Promise<FileSystemFileHandle> {
    const make = () => this.#folder.getFileHandle(name, { create: true });
    return make().catch(async (thrown: unknown) => {
      if (!isMissing(thrown)) throw thrown;
      this.#folder = await openFolder(this.#name);
      return make();
    });
  }

  async rename(from: string, to: string): Promise<void> {
    try {
      await writable(await this.#folder.getFileHandle(from)).move(to);
    } catch (thrown) {
      throw storageError(to, thrown);
    }
  }

  async remove(name: string): Promise<void> {
    await this.#folder.removeEntry(name).catch((thrown: unknown) => {
      if (!isMissing(thrown)) throw storageError(name, thrown);
    });
  }

  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    return inTurn(this.#lock, work);
  }

  takeTurn(): Promise<Turn> {
    return takeTurn(this.#lock);
  }

  get #lock(): string {
    return `tunelet-files-${this.#name}`;
  }

  async use(): Promise<{ usedBytes: number; quotaBytes: number }> {
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    return { usedBytes: usage, quotaBytes: quota };
  }
}

const beingOpened = new Set<WorkerFileHandle>();

/** Held meanwhile: where the handle is collected as garbage before the browser has answered, Chrome 15x never does. */
async function opened(handle: WorkerFileHandle): Promise<SyncAccessHandle> {
  beingOpened.add(handle);
  try {
    return await handle.createSyncAccessHandle();
  } finally {
    beingOpened.delete(handle);
  }
}

class OpfsAppender implements FileAppender {
  readonly #name: string;
  readonly #handle: SyncAccessHandle;
  #sizeBytes: number;

  constructor(name: string, handle: SyncAccessHandle) {
    this.#name = name;
    this.#handle = handle;
    this.#sizeBytes = handle.getSize();
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  write(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length;) {
      const asked = bytes.subarray(written);
      const count = this.#try(() => this.#handle.write(asked, { at: this.#sizeBytes }));
      // Chrome 15x returns an error's negative number as an unsigned one instead of throwing.
      if (!(count > 0 && count <= asked.length)) throw this.#refusal();
      written += count;
      this.#sizeBytes += count;
    }
  }

  /** Why nothing was written: of a file that was cleared there is no size either. */
  #refusal(): unknown {
    const size = this.#try(() => this.#handle.getSize());
    if (!Number.isSafeInteger(size)) return clearedError(this.#name, 'Nothing was written, and the file has no size.');
    this.#sizeBytes = size;
    return storageError(this.#name, new DOMException('Nothing was written.', 'QuotaExceededError'));
  }

  readAt(offset: number, target: Uint8Array): number {
    return this.#try(() => this.#handle.read(target, { at: offset }));
  }

  clear(): void {
    this.cutTo(0);
  }

  cutTo(sizeBytes: number): void {
    if (sizeBytes >= this.#sizeBytes && sizeBytes > 0) return;
    this.#try(() => this.#handle.truncate(sizeBytes));
    this.#sizeBytes = sizeBytes;
  }

  flush(): void {
    this.#try(() => this.#handle.flush());
  }

  close(): void {
    this.#handle.close();
  }

  #try<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (thrown) {
      const isDead = thrown instanceof DOMException && thrown.name === 'InvalidStateError';
      throw isDead ? clearedError(this.#name, thrown.message) : storageError(this.#name, thrown);
    }
  }
}

function isFile(handle: FileSystemHandle): handle is FileSystemFileHandle {
  return handle.kind === 'file';
}

function canWrite(handle: FileSystemFileHandle): handle is WorkerFileHandle {
  return 'createSyncAccessHandle' in handle && 'move' in handle;
}

function writable(handle: FileSystemFileHandle): WorkerFileHandle {
  if (canWrite(handle)) return handle;
  throw new Error('A file of the room cannot be written, which was checked when it was opened.');
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'NotFoundError';
}

function ifMissing<Value>(value: Value): (thrown: unknown) => Value {
  return (thrown) => {
    if (isMissing(thrown)) return value;
    throw thrown;
  };
}
