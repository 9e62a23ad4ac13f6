/** Long work in slices, so that messages (a stop, another question) get their turn. */
export class TimeSlice {
  #start = performance.now();
  readonly #lengthMs: number;

  constructor(lengthMs = 25) {
    this.#lengthMs = lengthMs;
  }

  isOver(): boolean {
    return performance.now() - this.#start >= this.#lengthMs;
  }

  /** Resolves after waiting events were handled; a new slice begins. */
  async giveWay(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    this.#start = performance.now();
  }
}
