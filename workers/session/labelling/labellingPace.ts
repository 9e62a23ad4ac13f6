import type { LabellingProgress } from '../../api/labelling';
import type { Proceed, Watch } from '../../evaluation/watch';

const tellEveryMs = 100;
/** What a stop or a reload costs at the most, roughly. */
const windowMs = 2000;
const firstRows = 64;
const fewestRows = 16;
const mostRows = 8192;

/** How many rows to take at once, and what to tell of them. Getting ready and waiting are not measured. */
export class LabellingPace {
  readonly #total: number;
  readonly #tell: (progress: LabellingProgress) => void;
  readonly #now: () => number;
  #done: number;
  #measuredRows = 0;
  #measuredMs = 0;
  #windowStartedMs: number | null = null;
  #inWindow = 0;
  #toldMs = -Infinity;
  #rowsAtOnce = firstRows;

  constructor(
    done: number,
    total: number,
    tell: (progress: LabellingProgress) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#done = done;
    this.#total = total;
    this.#tell = tell;
    this.#now = now;
  }

  get rowsAtOnce(): number {
    return this.#rowsAtOnce;
  }

  /** Looks on while the texts of a window are labelled. */
  watch(proceed: Proceed): Watch {
    this.#inWindow = 0;
    this.#windowStartedMs = null;
    return {
      proceed: async () => {
        this.#windowStartedMs ??= this.#now();
        return proceed();
      },
      done: (count) => {
        this.#inWindow = Math.min(this.#inWindow + count, this.#rowsAtOnce);
        if (this.#now() - this.#toldMs >= tellEveryMs) this.tell('labelling');
      },
    };
  }

  /** All rows up to `done` are written. */
  windowDone(done: number): void {
    const rows = done - this.#done;
    this.#done = done;
    this.#inWindow = 0;
    if (this.#windowStartedMs !== null) {
      const tookMs = Math.max(1, this.#now() - this.#windowStartedMs);
      this.#measuredRows += rows;
      this.#measuredMs += tookMs;
      // Never much more than before: the first rows may have been short.
      const wanted = Math.min((rows * windowMs) / tookMs, 4 * this.#rowsAtOnce);
      this.#rowsAtOnce = Math.round(Math.max(fewestRows, Math.min(mostRows, wanted)));
    }
    this.tell('labelling');
  }

  tell(phase: LabellingProgress['phase']): void {
    this.#toldMs = this.#now();
    const done = Math.min(this.#total, this.#done + this.#inWindow);
    const rowsPerSecond = this.#measuredMs > 0 ? (1000 * this.#measuredRows) / this.#measuredMs : null;
    const secondsLeft = rowsPerSecond === null ? null : (this.#total - done) / rowsPerSecond;
    this.#tell({ phase, done, total: this.#total, share: done / this.#total, rowsPerSecond, secondsLeft });
  }
}
