import type { StorageUse } from '../api/hub';
import type { FileAppender, FileRoom, StoredFile } from './fileRoom';
import { undisputed, type Turn } from './turns';

/** A room in memory, where the browser keeps nothing: it is gone with the tab. */
export class MemoryRoom implements FileRoom {
  readonly #files = new Map<string, Blob>();
  readonly #quotaBytes: number;

  constructor(quotaBytes: number) {
    this.#quotaBytes = quotaBytes;
  }

  async list(): Promise<StoredFile[]> {
    return [...this.#files].map(([name, { size }]) => ({ name, sizeBytes: size }));
  }

  async read(name: string): Promise<Blob | null> {
    return this.#files.get(name) ?? null;
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    this.#files.set(name, new Blob([bytes.slice()]));
  }

  async append(name: string): Promise<FileAppender> {
    const before = await this.#files.get(name)?.arrayBuffer();
    return new MemoryAppender(before ? new Uint8Array(before) : null, (content) => this.#files.set(name, content));
  }

  async rename(from: string, to: string): Promise<void> {
    const file = this.#files.get(from);
    if (!file) return;
    this.#files.delete(from);
    this.#files.set(to, file);
  }

  async remove(name: string): Promise<void> {
    this.#files.delete(name);
  }

  async inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    return work();
  }

  async takeTurn(): Promise<Turn> {
    return undisputed;
  }

  async use(): Promise<StorageUse> {
    const usedBytes = [...this.#files.values()].reduce((sum, { size }) => sum + size, 0);
    return { usedBytes, quotaBytes: this.#quotaBytes };
  }
}

class MemoryAppender implements FileAppender {
  #pieces: Uint8Array<ArrayBuffer>[];
  #sizeBytes: number;
  readonly #keep: (content: Blob) => void;

  constructor(before: Uint8Array<ArrayBuffer> | null, keep: (content: Blob) => void) {
    this.#pieces = before ? [before] : [];
    this.#sizeBytes = before?.length ?? 0;
    this.#keep = keep;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  write(bytes: Uint8Array): void {
    this.#pieces.push(bytes.slice());
    this.#sizeBytes += bytes.length;
  }

  readAt(offset: number, target: Uint8Array): number {
    let start = 0;
    let filled = 0;
    for (const piece of this.#pieces) {
      const from = Math.max(0, offset + filled - start);
      if (filled < target.length && from < piece.length) {
        const part = piece.subarray(from, from + target.length - filled);
        target.set(part, filled);
        filled += part.length;
      }
      start += piece.length;
    }
    return filled;
  }

  clear(): void {
    this.cutTo(0);
  }

  cutTo(sizeBytes: number): void {
    while (this.#sizeBytes > sizeBytes) {
      const last = this.#pieces.pop() ?? new Uint8Array();
      this.#sizeBytes -= last.length;
      if (this.#sizeBytes < sizeBytes) this.write(last.subarray(0, sizeBytes - this.#sizeBytes));
    }
  }

  flush(): void {
    this.#keep(new Blob(this.#pieces));
  }

  close(): void {
    this.flush();
  }
}
