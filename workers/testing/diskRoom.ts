import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StorageUse } from '../api/hub';
import type { FileAppender, FileRoom, StoredFile } from '../storage/fileRoom';
import { undisputed, type Turn } from '../storage/turns';

/** A room in a folder of the disk: what a browser's room is to a page, for tests that run in Node. */
export class DiskRoom implements FileRoom {
  readonly folder: string;
  quotaBytes = 1e9;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** A new, empty one; ended by `end`. */
  static async make(): Promise<DiskRoom> {
    const folder = await mkdtemp(join(tmpdir(), 'room-'));
    await mkdir(folder, { recursive: true });
    return new DiskRoom(folder);
  }

  async end(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async list(): Promise<StoredFile[]> {
    return (await readdir(this.folder)).flatMap((name) => {
      // It may be gone by now, renamed or removed.
      const found = statSync(this.#path(name), { throwIfNoEntry: false });
      return found ? [{ name, sizeBytes: found.size }] : [];
    });
  }

  async read(name: string): Promise<Blob | null> {
    if (!statSync(this.#path(name), { throwIfNoEntry: false })) return null;
    return new Blob([readFileSync(this.#path(name))]);
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const appender = await this.append(`${name}.tmp`);
    appender.clear();
    appender.write(bytes);
    appender.close();
    await this.rename(`${name}.tmp`, name);
  }

  async append(name: string): Promise<FileAppender> {
    return new DiskAppender(this.#path(name));
  }

  async rename(from: string, to: string): Promise<void> {
    await rename(this.#path(from), this.#path(to));
  }

  async remove(name: string): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  async inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    return work();
  }

  async takeTurn(): Promise<Turn> {
    return undisputed;
  }

  async use(): Promise<StorageUse> {
    const usedBytes = (await this.list()).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return { usedBytes, quotaBytes: this.quotaBytes };
  }

  #path(name: string): string {
    return join(this.folder, name);
  }
}

class DiskAppender implements FileAppender {
  readonly #file: number;
  #sizeBytes: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a+');
    this.#sizeBytes = fstatSync(this.#file).size;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at);
    this.#sizeBytes += bytes.length;
  }

  readAt(offset: number, target: Uint8Array): number {
    return readSync(this.#file, target, 0, target.length, offset);
  }

  clear(): void {
    this.cutTo(0);
  }

  cutTo(sizeBytes: number): void {
    if (sizeBytes > this.#sizeBytes) return;
    ftruncateSync(this.#file, sizeBytes);
    this.#sizeBytes = sizeBytes;
  }

  flush(): void {
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}
