import { TuneletError } from '../api/errors';
import type { FileRoom } from './fileRoom';

/** How a slot's bytes are read; throws where they are not whole. */
export interface SlotFormat<Content> {
  decode(bytes: Uint8Array): Promise<Content>;
  /** Larger is newer. */
  orderOf(content: Content): number;
  /** Files beyond that are not read. */
  mostBytes: number;
}

export interface SlotReading<Content> {
  /** The newest that is whole; null where none is. */
  content: Content | null;
  /** Why the others could not be read; none where all is well. */
  problems: TuneletError[];
}

const endings = ['.0', '.1'] as const;

/**
 * Two files that are written in turn, each whole or not at all, so that the one before survives whatever befalls the writing of the
 * next. Names hold no slash.
 */
export class Slots<Content> {
  readonly #room: FileRoom;
  readonly #name: string;
  readonly #format: SlotFormat<Content>;
  /** The one to be written next, once that is known. */
  #next: number | null = null;

  constructor(room: FileRoom, name: string, format: SlotFormat<Content>) {
    this.#room = room;
    this.#name = name;
    this.#format = format;
  }

  /** The names of all pairs in a room. */
  static async names(room: FileRoom): Promise<string[]> {
    const files = await room.list();
    const named = files.flatMap(({ name }) => endings.flatMap((end) => (name.endsWith(end) ? [name.slice(0, -end.length)] : [])));
    return [...new Set(named)];
  }

  async read(): Promise<SlotReading<Content>> {
    const problems: TuneletError[] = [];
    let newest: { content: Content; order: number } | null = null;
    this.#next = 0;
    for (const [slot, end] of endings.entries()) {
      const content = await this.#readFile(this.#name + end, problems);
      if (content === null) continue;
      const order = this.#format.orderOf(content);
      if (newest && newest.order >= order) continue;
      newest = { content, order };
      this.#next = 1 - slot;
    }
    return { content: newest?.content ?? null, problems };
  }

  /** Over the older of the two, or the one that is damaged. Throws 'storage/…'; the newest that was whole is so still. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#next === null) await this.read();
    const slot = this.#next ?? 0;
    await this.#room.write(this.#name + endings[slot], bytes);
    this.#next = 1 - slot;
  }

  async remove(): Promise<void> {
    // What a writing that was cut off has left goes too.
    for (const { name } of await this.#room.list()) if (name.startsWith(`${this.#name}.`)) await this.#room.remove(name);
    this.#next = 0;
  }

  async #readFile(file: string, problems: TuneletError[]): Promise<Content | null> {
    const blob = await this.#room.read(file);
    if (blob === null) return null;
    try {
      if (blob.size > this.#format.mostBytes) throw tooLong(file, blob.size);
      return await this.#format.decode(new Uint8Array(await blob.arrayBuffer()));
    } catch (thrown) {
      if (thrown instanceof TuneletError) problems.push(thrown);
      // The disk did not give what it holds.
      else if (thrown instanceof DOMException) problems.push(unreadable(file, thrown.name));
      else throw thrown;
      return null;
    }
  }
}

function tooLong(file: string, sizeBytes: number): TuneletError {
  return new TuneletError('checkpoint/damaged', `${file} has ${sizeBytes} bytes, more than any run has.`, 'Discard the run.', {
    file,
    sizeBytes,
  });
}

function unreadable(file: string, cause: string): TuneletError {
  return new TuneletError(
    'checkpoint/damaged',
    `The browser’s storage did not give ${file} (${cause}).`,
    'Reload the page. If it happens again, discard the run.',
    { file, cause },
  );
}
