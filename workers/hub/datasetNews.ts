import type { DatasetDownload } from '../api/hubDataset';
import { Pace } from './pace';

const newsEveryMs = 125;

/** Tells of rows on their way, at the start, some times a second and at the end. */
export class DatasetNews {
  readonly #id: string;
  readonly #unit: DatasetDownload['unit'];
  readonly #total: number;
  readonly #tell: (download: DatasetDownload) => void;
  readonly #pace = new Pace();
  #toldMs = 0;

  constructor(id: string, unit: DatasetDownload['unit'], total: number, tell: (download: DatasetDownload) => void) {
    this.#id = id;
    this.#unit = unit;
    this.#total = total;
    this.#tell = tell;
    this.say(0);
  }

  /** @param loaded of all that comes, in bytes or rows */
  say(loaded: number): void {
    const nowMs = performance.now();
    if (loaded > 0 && loaded < this.#total && nowMs - this.#toldMs < newsEveryMs) return;
    this.#toldMs = nowMs;
    this.#pace.add(nowMs, loaded);
    const { bytesPerSecond: perSecond } = this.#pace;
    const secondsLeft = this.#pace.secondsLeft(Math.max(0, this.#total - loaded));
    this.#tell({ id: this.#id, unit: this.#unit, loaded, total: this.#total, perSecond, secondsLeft });
  }
}
