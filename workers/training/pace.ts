/** A gate that holds the run while it is closed. */
export class Gate {
  private opened: Promise<void> = Promise.resolve();
  private release: (() => void) | null = null;

  close(): void {
    if (this.release) return;
    this.opened = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  open(): void {
    this.release?.();
    this.release = null;
  }

  get isClosed(): boolean {
    return this.release !== null;
  }

  passed(): Promise<void> {
    return this.opened;
  }
}

/** Between two looks at a stopwatch lies at most a step, or a batch of an evaluation. Where it was longer the computer slept or the tab was frozen. */
const mostGapMs = 120_000;

/** Time without pauses, and without sleep: the browser's clock goes on while a computer sleeps, on some systems. Looked at in every step. */
export class Stopwatch {
  private lookedMs: number | null = null;
  private gatheredMs: number;
  private readonly now: () => number;

  /** `gatheredMs`: what an earlier one gathered. */
  constructor(now: () => number = () => performance.now(), gatheredMs = 0) {
    this.now = now;
    this.gatheredMs = gatheredMs;
  }

  start(): void {
    this.lookedMs ??= this.now();
  }

  stop(): void {
    this.look();
    this.lookedMs = null;
  }

  /** Tells that the work still goes on. */
  look(): void {
    if (this.lookedMs === null) return;
    const nowMs = this.now();
    const gapMs = nowMs - this.lookedMs;
    if (gapMs <= mostGapMs) this.gatheredMs += gapMs;
    this.lookedMs = nowMs;
  }

  get elapsedMs(): number {
    this.look();
    return this.gatheredMs;
  }
}
