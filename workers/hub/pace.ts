/** How fast bytes come, over the last few seconds. */
export class Pace {
  readonly #samples: { atMs: number; bytes: number }[] = [];

  /** @param loadedBytes so far, all told */
  add(atMs: number, loadedBytes: number): void {
    this.#samples.push({ atMs, bytes: loadedBytes });
    while (this.#samples.length > 2 && atMs - (this.#samples[1]?.atMs ?? atMs) >= windowMs) this.#samples.shift();
  }

  /** Null until a second is measured. */
  get bytesPerSecond(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.atMs - first.atMs < leastMs) return null;
    return ((last.bytes - first.bytes) / (last.atMs - first.atMs)) * 1000;
  }

  /** Null while the speed is unknown, or nothing comes. */
  secondsLeft(leftBytes: number): number | null {
    const speed = this.bytesPerSecond;
    return speed === null || speed <= 0 ? null : leftBytes / speed;
  }
}

const windowMs = 5000;
const leastMs = 1000;
