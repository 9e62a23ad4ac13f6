import type { StorageUse } from '../api/hub';
import type { Turn } from './turns';

/** One folder of files that outlives the page. Names hold no slash. */
export interface FileRoom {
  list(): Promise<StoredFile[]>;
  /** Null where there is no such file. Its bytes stay on the disk until they are read. */
  read(name: string): Promise<Blob | null>;
  /**
   * All or nothing: whoever reads meanwhile, or after a crash, finds the old content or the new one.
   * @throws TuneletError 'storage/quota' when the disk's share is used up, 'storage/busy' while another tab writes it
   */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /**
   * Opens a file for writing at its end, making it where there is none. Ended by `close`.
   * @throws TuneletError 'storage/busy' while another tab has it open
   */
  append(name: string): Promise<FileAppender>;
  /** Replaces `to` where it exists. */
  rename(from: string, to: string): Promise<void>;
  /** A file that is not there is gone already. */
  remove(name: string): Promise<void>;
  /** Of the whole page, not of this room alone. */
  use(): Promise<StorageUse>;
  /** Runs `work` when no other tab runs such work on this room. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>;
  /** At once: a tab that has the turn loses it, and with it the right to write here. */
  takeTurn(): Promise<Turn>;
}

export interface StoredFile {
  name: string;
  sizeBytes: number;
}

/** Writes a file of any length piece by piece; nothing of it stays in memory. */
export interface FileAppender {
  readonly sizeBytes: number;
  /** @throws TuneletError 'storage/quota' */
  write(bytes: Uint8Array): void;
  /** Fills `target` from `offset` on; returns the bytes read. */
  readAt(offset: number, target: Uint8Array): number;
  /** Drops all content. */
  clear(): void;
  /** Drops what lies behind so many bytes. */
  cutTo(sizeBytes: number): void;
  /** What is written so far survives a crash from here on. */
  flush(): void;
  close(): void;
}
