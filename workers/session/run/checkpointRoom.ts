import type { TuneletError } from '../../api/errors';
import type { FileRoom } from '../../storage/fileRoom';
import { openFileRoom } from '../../storage/opfsRoom';
import { Slots, type SlotFormat } from '../../storage/slots';
import { undisputed, type Turn } from '../../storage/turns';
import { decodeCheckpoint } from '../../training/checkpoint';
import type { Checkpoint } from '../../training/checkpointState';

const format: SlotFormat<Checkpoint> = {
  decode: decodeCheckpoint,
  orderOf: ({ order }) => order,
  mostBytes: 4 * 2 ** 30,
};

/** Unfinished runs that are kept, the newest ones: each takes two files of about four times its adapter. */
const mostRuns = 3;

/** An unfinished run as it is kept, with what of it could not be read. */
export interface StoredRun {
  id: string;
  /** Null where neither of its files is whole. */
  checkpoint: Checkpoint | null;
  problems: readonly TuneletError[];
}

/** The unfinished runs on this device. Finished ones are no business of it. */
export class CheckpointRoom {
  readonly #open: () => Promise<FileRoom | null>;
  #opening: Promise<FileRoom | null> | null = null;

  /** `open`: null where nothing can be kept. */
  constructor(open: () => Promise<FileRoom | null> = () => openFileRoom('checkpoints')) {
    this.#open = open;
  }

  /** The one that was saved last; of those that cannot be read any one comes after all others. Null where there is none. */
  async newest(): Promise<StoredRun | null> {
    return (await this.#all())[0] ?? null;
  }

  /** Where a run is written; null where nothing can be kept. The oldest of the others makes room. */
  async slots(id: string): Promise<Slots<Checkpoint> | null> {
    const room = await this.#room();
    if (room === null) return null;
    const others = (await this.#all()).filter((run) => run.id !== id);
    for (const { id: oldest } of others.slice(mostRuns - 1)) await new Slots(room, oldest, format).remove();
    return new Slots(room, id, format);
  }

  async remove(id: string): Promise<void> {
    const room = await this.#room();
    if (room) await new Slots(room, id, format).remove();
  }

  /** Before anything is read or written of a run that begins or goes on. */
  async takeTurn(): Promise<Turn> {
    return (await this.#room())?.takeTurn() ?? undisputed;
  }

  async use(): Promise<{ usedBytes: number; quotaBytes: number } | null> {
    return (await this.#room())?.use() ?? null;
  }

  async #all(): Promise<StoredRun[]> {
    const room = await this.#room();
    if (room === null) return [];
    const runs: StoredRun[] = [];
    for (const id of await Slots.names(room)) {
      const { content, problems } = await new Slots(room, id, format).read();
      if (content || problems.length > 0) runs.push({ id, checkpoint: content, problems });
    }
    return runs.sort((a, b) => (b.checkpoint?.savedAtMs ?? 0) - (a.checkpoint?.savedAtMs ?? 0));
  }

  #room(): Promise<FileRoom | null> {
    this.#opening ??= this.#open();
    return this.#opening;
  }
}
