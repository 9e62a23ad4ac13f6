import { TuneletError } from '../api/errors';
import type { FileAppender } from '../storage/fileRoom';
import type { HubAccess } from './access';
import { startChecksum, type Checksum } from './checksum';
import { fetchHubFile, type HubResponse } from './fetchHubFile';
import type { ListedFile } from './listedFile';
import { delayBeforeRepeat, pause } from './retries';

/** A file on its way: what is here of it, and how more comes. */
export interface Transfer {
  id: string;
  commit: string;
  file: ListedFile;
  /** Holds what earlier transfers left, and takes the rest. */
  part: FileAppender;
  /** Tag of the bytes in `part`, or null where none is known. */
  tag: string | null;
  /** Called before bytes of another tag are written. */
  keepTag(tag: string | null): Promise<void>;
  access: HubAccess;
  signal?: AbortSignal | undefined;
  /** @param loadedBytes of this file; may fall when a server starts anew */
  onBytes?: ((loadedBytes: number) => void) | undefined;
}

// As much may be lost when the browser ends in the middle of a download.
const flushEveryBytes = 64 << 20;
const readBytes = 4 << 20;

/**
 * Completes `part`. A connection that breaks is taken up again from the last byte, by Range and If-Range; a busy Hub is
 * waited for. `part` keeps what came when this throws, but for a file whose checksum is wrong.
 * @throws TuneletError 'hub/corrupted' when all bytes are there and are not those that the Hub lists, 'hub/…' as
 *   `fetchHubFile` does once repeats are of no use, 'storage/quota'; the signal's reason when it aborts
 */
export async function transferFile(transfer: Transfer): Promise<void> {
  const receiver = await Receiver.takeUp(transfer);
  for (let failures = 0; !receiver.isComplete;) {
    const before = transfer.part.sizeBytes;
    try {
      await receiver.receive();
    } catch (error) {
      transfer.signal?.throwIfAborted();
      const gotOn = transfer.part.sizeBytes > before;
      failures = gotOn ? 1 : failures + 1;
      const delayMs = delayBeforeRepeat(error, failures, transfer.access.retryDelayMs);
      if (delayMs === null) throw error;
      // Where no answer comes at all, another host may forbid pages to send If-Range; the checksum at the end tells as much.
      if (!gotOn) receiver.tag = null;
      await pause(delayMs, transfer.signal);
    }
  }
  receiver.check();
}

/** Writes and sums up what comes, from where the last attempt ended. */
class Receiver {
  tag: string | null;
  readonly #transfer: Transfer;
  #checksum: Checksum;

  private constructor(transfer: Transfer, checksum: Checksum) {
    this.#transfer = transfer;
    this.#checksum = checksum;
    this.tag = transfer.tag;
  }

  /** Sums up what is here already. */
  static async takeUp(transfer: Transfer): Promise<Receiver> {
    const { part, file, signal } = transfer;
    if (part.sizeBytes > file.sizeBytes) part.clear();
    const checksum = await startChecksum(file.checksum.kind, file.sizeBytes);
    const piece = new Uint8Array(Math.min(readBytes, part.sizeBytes));
    for (let at = 0; at < part.sizeBytes;) {
      signal?.throwIfAborted();
      const count = part.readAt(at, piece);
      if (count === 0) throw new Error(`The kept part of ${file.path} ends at byte ${at}, before its ${part.sizeBytes} bytes.`);
      checksum.update(piece.subarray(0, count));
      at += count;
    }
    return new Receiver(transfer, checksum);
  }

  get isComplete(): boolean {
    return this.#transfer.part.sizeBytes === this.#transfer.file.sizeBytes;
  }

  /** One request. */
  async receive(): Promise<void> {
    const { id, commit, file, part, access, signal } = this.#transfer;
    const fromByte = part.sizeBytes;
    const request = { access, signal, fromByte, ifTag: this.tag };
    const response = await fetchHubFile({ id, revision: commit, path: file.path }, request);
    const reader = response.body.getReader();
    try {
      await this.#align(response, fromByte);
      for (let read = await reader.read(); read.value; read = await reader.read()) {
        signal?.throwIfAborted();
        this.#take(read.value);
      }
    } finally {
      part.flush();
      await reader.cancel().catch(() => undefined);
    }
    if (!this.isComplete) throw this.#cut();
  }

  /** A server that ignores Range, or whose file has another tag by now, sends all of it. */
  async #align(response: HubResponse, fromByte: number): Promise<void> {
    const { file, part } = this.#transfer;
    const startByte = response.startByte ?? fromByte;
    if (response.sizeBytes !== null && response.sizeBytes !== file.sizeBytes) throw this.#otherSize(response.sizeBytes);
    if (startByte === 0 && fromByte > 0) {
      part.clear();
      this.#checksum = await startChecksum(file.checksum.kind, file.sizeBytes);
    } else if (startByte !== fromByte) throw this.#otherStart(startByte, fromByte);
    if (response.tag !== this.#transfer.tag || fromByte === 0) await this.#transfer.keepTag(response.tag);
    this.tag = response.tag;
  }

  #take(bytes: Uint8Array): void {
    const { file, part, onBytes } = this.#transfer;
    if (part.sizeBytes + bytes.length > file.sizeBytes) throw this.#otherSize(part.sizeBytes + bytes.length);
    const flushed = Math.floor(part.sizeBytes / flushEveryBytes);
    part.write(bytes);
    this.#checksum.update(bytes);
    if (Math.floor(part.sizeBytes / flushEveryBytes) > flushed) part.flush();
    onBytes?.(part.sizeBytes);
  }

  /** Clears `part` before it throws. */
  check(): void {
    const { file, id, part } = this.#transfer;
    const digest = this.#checksum.digest();
    if (digest === file.checksum.digest) return;
    part.clear();
    const name = file.checksum.kind === 'sha256' ? 'SHA-256' : 'git checksum';
    throw new TuneletError(
      'hub/corrupted',
      `${file.path} of ${id} arrived damaged: its ${name} is ${digest.slice(0, 12)}… where the Hub lists ${file.checksum.digest.slice(0, 12)}….`,
      'It is removed, and nothing of it was used. Download it again; if that fails too, something on the way changes the file, such as a proxy.',
      { id, file: file.path, expected: file.checksum.digest, found: digest },
    );
  }

  /** An answer that ends early without an error, as some proxies make it. */
  #cut(): TuneletError {
    const { file, id, part } = this.#transfer;
    return new TuneletError(
      'hub/offline',
      `The transfer of ${file.path} of ${id} ended after ${part.sizeBytes} of ${file.sizeBytes} bytes.`,
      'Check the connection and go on: what came is kept.',
      { id, file: file.path, loadedBytes: part.sizeBytes },
    );
  }

  #otherSize(sizeBytes: number): TuneletError {
    const { file, id } = this.#transfer;
    return new TuneletError(
      'hub/bad-response',
      `${file.path} of ${id} has ${file.sizeBytes} bytes in the Hub’s list, but ${sizeBytes} came.`,
      'Look the model up again. If it happens again, something on the way changes the file, such as a proxy.',
      { id, file: file.path, expectedBytes: file.sizeBytes, foundBytes: sizeBytes },
    );
  }

  #otherStart(startByte: number, fromByte: number): TuneletError {
    const { file, id } = this.#transfer;
    return new TuneletError(
      'hub/bad-response',
      `The server was asked for ${file.path} of ${id} from byte ${fromByte} on, and sent it from byte ${startByte} on.`,
      'Delete what is kept of it and download it anew.',
      { id, file: file.path },
    );
  }
}
