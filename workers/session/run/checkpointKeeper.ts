import { reportOf, TuneletError } from '../../api/errors';
import type { TrainerEvent } from '../../api/events';
import type { SettledSettings } from '../../api/settings';
import { quotaError } from '../../storage/storageErrors';
import type { Slots } from '../../storage/slots';
import type { Turn } from '../../storage/turns';
import { encodeCheckpoint } from '../../training/checkpoint';
import type { Checkpoint, JudgeState } from '../../training/checkpointState';
import type { TrainerState } from '../../training/trainerState';
import type { CheckpointRoom } from './checkpointRoom';

/** What of a checkpoint stays the same through a run. */
export type RunAbout = Omit<Checkpoint, 'state' | 'judge' | 'settings' | 'device' | 'savedAtMs' | 'order'>;

interface KeeperParts {
  room: CheckpointRoom;
  about: RunAbout;
  /** What computes the run now: "WebGPU, Apple M2". */
  device: () => string;
  /** Of the checkpoint from which the run goes on; 0 for a new one. */
  order: number;
  /** Once it is lost nothing is written any more. */
  turn: Turn;
  emit: (event: TrainerEvent) => void;
  /** Called where the device has no room for a checkpoint, and not again until one was written: work is not safe from here on. */
  onFull: () => void;
}

/** Keeps one run's states on the device, where that can be. */
export class CheckpointKeeper {
  private readonly parts: KeeperParts;
  private order: number;
  private slots: Promise<Slots<Checkpoint> | null> | null = null;
  private writing: Promise<void> = Promise.resolve();
  private hasPaused = false;
  private isOver = false;

  constructor(parts: KeeperParts) {
    this.parts = parts;
    this.order = parts.order;
  }

  /** Resolves when it is written, or when that has failed, which is told by an event. Never rejects. */
  async keep(state: TrainerState, judge: JudgeState, settings: SettledSettings): Promise<void> {
    this.writing = this.writing.then(() => this.write(state, { judge, settings }));
    await this.writing;
  }

  /** For a run that has ended: what is on the device is of no use any more. Never rejects, for the run has its result. */
  async remove(): Promise<void> {
    this.isOver = true;
    await this.writing;
    const { about, room, turn } = this.parts;
    try {
      await turn.whileMine(() => room.remove(about.run.id));
    } catch (thrown) {
      const { message } = reportOf(thrown);
      this.parts.emit({
        kind: 'notice',
        message: `The checkpoints of this run could not be removed. ${message} Discard them on Prepare.`,
      });
    }
  }

  private async write(state: TrainerState, rest: Pick<Checkpoint, 'judge' | 'settings'>): Promise<void> {
    if (this.isOver) return;
    const { about, device, emit, room, turn } = this.parts;
    let neededBytes: number | null = null;
    try {
      this.slots ??= room.slots(about.run.id);
      const slots = await this.slots;
      if (slots === null) return;
      const savedAtMs = Date.now();
      const bytes = await encodeCheckpoint({ ...about, ...rest, device: device(), savedAtMs, order: ++this.order, state });
      neededBytes = bytes.length;
      if (!(await turn.whileMine(() => slots.write(bytes)))) return;
      this.hasPaused = false;
      emit({ kind: 'checkpoint', step: state.step, savedAtMs, sizeBytes: bytes.length });
    } catch (thrown) {
      const error = await this.explained(thrown, neededBytes);
      emit({ kind: 'checkpoint-failed', step: state.step, error: reportOf(error) });
      if (!(error instanceof TuneletError) || error.code !== 'storage/quota') return;
      if (!this.hasPaused) this.parts.onFull();
      this.hasPaused = true;
    }
  }

  /** With how much is needed and left, where that is known. */
  private async explained(thrown: unknown, neededBytes: number | null): Promise<unknown> {
    if (!(thrown instanceof TuneletError) || thrown.code !== 'storage/quota' || neededBytes === null) return thrown;
    const use = await this.parts.room.use().catch(() => null);
    return quotaError('A checkpoint of this run', neededBytes, use && use.quotaBytes - use.usedBytes);
  }
}

/** How a run is kept, and what it goes on from. */
export interface RunKeeping {
  keeper: CheckpointKeeper;
  /** Null for a run that begins. */
  from: Pick<Checkpoint, 'state' | 'judge' | 'savedAtMs'> | null;
  /** What the user should know of how it goes on, or null. */
  notice: string | null;
}
