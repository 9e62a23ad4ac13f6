/** Lets commands (pause, stop) and events through between two steps. Not a timer: hidden tabs throttle those. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

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

/** Wall time without pauses, and the rate of the last seconds of training. */
export class Stopwatch {
  private runningSince: number | null = null;
  private gatheredMs: number;
  private readonly now: () => number;

  /** `gatheredMs`: what an earlier one gathered. */
  constructor(now: () => number = () => performance.now(), gatheredMs = 0) {
    this.now = now;
    this.gatheredMs = gatheredMs;
  }

  start(): void {
    this.runningSince ??= this.now();
  }

  stop(): void {
    this.gatheredMs = this.elapsedMs;
    this.runningSince = null;
  }

  get elapsedMs(): number {
    return this.gatheredMs + (this.runningSince === null ? 0 : this.now() - this.runningSince);
  }
}
