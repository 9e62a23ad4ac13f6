import type { DeviceWait, WayOn } from '../../api/deviceWait';
import { TuneletError } from '../../api/errors';
import { batchesOfSameEffect, type Batch } from '../plan/memoryProblem';

/** Time as recovery sees it. */
export interface RecoveryClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so long, or as soon as the signal is given. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** What was lost, and what of the run is kept. */
export type Loss = Omit<DeviceWait, 'state' | 'attempt' | 'attempts' | 'nextTry' | 'lossesInARow'>;

/** What another device would mend: this one is lost, or the browser gives none. */
export function isDeviceGone(thrown: unknown): thrown is TuneletError {
  return thrown instanceof TuneletError && (thrown.code === 'device/lost' || thrown.code === 'device/unavailable');
}

/** What fewer texts at once may mend. */
export function isDeviceFull(thrown: unknown): thrown is TuneletError {
  return thrown instanceof TuneletError && thrown.code === 'device/out-of-memory';
}

/** For short work, which is done once more where the device was lost under it: the engine room then opens another. */
export async function againAfterLoss<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof TuneletError && thrown.code === 'device/lost') return work();
    throw thrown;
  }
}

/** About half the texts at once, as many a step; null where there is one at a time. */
export function smallerBatchOf(batch: Batch): Batch | null {
  const batches = batchesOfSameEffect(batch);
  return batches.find((one) => one.perDeviceTrainBatchSize <= batch.perDeviceTrainBatchSize / 2) ?? batches[0] ?? null;
}

interface RecoveryParts {
  /** Whether the browser gives a device now. */
  isBack(): Promise<boolean>;
  tell(wait: DeviceWait): void;
  clock?: RecoveryClock;
}

/** Before each try. Together longer than the two minutes for which Chromium gives no adapter after a second crash. */
export const triesAfterMs: readonly number[] = [1_000, 60_000, 90_000];
/** So many losses in a row without a step kept between them: then trying again by itself leads nowhere. */
export const mostLossesInARow = 3;

/** Waits until a run that lost its device can go on, or until the user finds another way. */
export class DeviceRecovery {
  private readonly parts: RecoveryParts;
  private readonly clock: RecoveryClock;
  private lossesInARow = 0;
  private safeStepBefore = -1;
  private isWaiting = false;
  /** What was chosen while nothing waited for it, during a try. */
  private chosen: WayOn | null = null;
  private pending: AbortController | null = null;

  constructor(parts: RecoveryParts) {
    this.parts = parts;
    this.clock = parts.clock ?? timerClock;
  }

  /** What the user wants while it waits; `device`: to try now. Does nothing otherwise. */
  choose(way: WayOn): void {
    if (!this.isWaiting) return;
    this.chosen = way;
    this.pending?.abort();
  }

  /** How the run goes on. A device that is full is not tried again by itself. */
  async wayOn(loss: Loss): Promise<WayOn> {
    this.isWaiting = true;
    this.chosen = null;
    try {
      return await this.waitFor(loss);
    } finally {
      this.isWaiting = false;
    }
  }

  private async waitFor(loss: Loss): Promise<WayOn> {
    const isFull = loss.full !== null;
    if (!isFull) this.count(loss.safeStep);
    const attempts = triesAfterMs.length;
    let attempt = 0;
    const tell = (state: DeviceWait['state'], nextTry: DeviceWait['nextTry'] = null): void =>
      this.parts.tell({ ...loss, state, attempt, attempts, nextTry, lossesInARow: this.lossesInARow });
    const tryNow = async (): Promise<boolean> => {
      tell('trying');
      return this.parts.isBack();
    };
    if (!isFull && this.lossesInARow < mostLossesInARow) {
      for (const waitMs of triesAfterMs) {
        attempt += 1;
        tell('counting', { atMs: this.clock.now() + waitMs, waitMs });
        const chosen = await this.choiceWithin(waitMs);
        if (chosen !== null && chosen !== 'device') return chosen;
        if (await tryNow()) return 'device';
      }
    }
    for (;;) {
      tell('asking');
      const chosen = await this.choiceWithin(Infinity);
      if (chosen !== null && chosen !== 'device') {
        // In another way it may last.
        this.lossesInARow = 0;
        return chosen;
      }
      if (chosen === 'device' && (await tryNow())) return 'device';
    }
  }

  private count(safeStep: number): void {
    this.lossesInARow = safeStep > this.safeStepBefore ? 1 : this.lossesInARow + 1;
    this.safeStepBefore = safeStep;
  }

  /** Null where none was made in time. */
  private async choiceWithin(waitMs: number): Promise<WayOn | null> {
    const pending = new AbortController();
    this.pending = pending;
    if (this.chosen === null) await this.clock.wait(waitMs, pending.signal);
    this.pending = null;
    const { chosen } = this;
    this.chosen = null;
    return chosen;
  }
}

const timerClock: RecoveryClock = {
  now: () => Date.now(),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      const timer = Number.isFinite(ms) ? setTimeout(resolve, ms) : null;
      signal.addEventListener('abort', () => {
        if (timer !== null) clearTimeout(timer);
        resolve();
      });
    }),
};
