import { TuneletError } from '../api/errors';
import type { TrainerState } from './trainerState';

/** Why a state is handed on: the run begins, it is due, somebody asked, or the run halts. */
export type CheckpointReason = 'start' | 'due' | 'asked' | 'pause' | 'end';

/** Where steps are slow, a state is due after so long although fewer steps than `save_steps` were taken. */
const saveEveryMs = 30_000;

interface Asker {
  take: (state: TrainerState) => void;
  refuse: (reason: unknown) => void;
}

interface HandoverParts {
  /** Only between two steps, or two batches of an evaluation. */
  take: () => Promise<TrainerState>;
  keep: (state: TrainerState, reason: CheckpointReason) => Promise<void>;
  /** 0: a state is due for the time alone. */
  saveSteps: number;
  /** The step from which the run goes on. */
  step: number;
}

/** Hands the states of a run on, where they are due and to those who ask. The loop says when one may be taken. */
export class StateHandover {
  private readonly parts: HandoverParts;
  private last: { step: number; atMs: number };
  private keeping: Promise<unknown> = Promise.resolve();
  private askers: Asker[] = [];
  private answering: Promise<void> = Promise.resolve();
  private isHeld = false;
  private isOver = false;

  constructor(parts: HandoverParts) {
    this.parts = parts;
    this.last = { step: parts.step, atMs: performance.now() };
  }

  /** Throws 'run/not-ready' once the training is over. */
  state(): Promise<TrainerState> {
    return this.ask((state) => state);
  }

  /** Resolves when the state is kept. Throws as `state`. */
  keepNow(): Promise<void> {
    return this.ask((state) => this.hand(state, 'asked'));
  }

  async keep(reason: CheckpointReason): Promise<void> {
    // One state waits for its writing at most: where that is slow the loop waits here.
    await this.keeping;
    void this.hand(await this.parts.take(), reason);
  }

  async keepWhereDue(step: number): Promise<void> {
    const { saveSteps } = this.parts;
    const isDue = (saveSteps > 0 && step - this.last.step >= saveSteps) || performance.now() - this.last.atMs >= saveEveryMs;
    if (!isDue) return;
    await this.keep('due');
    // A step that is told before this state is written would be lost beyond the interval.
    await this.keeping;
  }

  /** Answers those who ask; for where a state may be taken. */
  async answer(): Promise<void> {
    const askers = this.askers;
    if (askers.length === 0) return;
    this.askers = [];
    try {
      const state = await this.parts.take();
      for (const asker of askers) asker.take(state);
    } catch (thrown) {
      for (const asker of askers) asker.refuse(thrown);
    }
  }

  /** While `held` lasts nothing is computed, so that whoever asks is answered at once. */
  async during(held: Promise<void>): Promise<void> {
    await this.answer();
    this.isHeld = true;
    await held;
    this.isHeld = false;
    await this.answering;
  }

  /** Everything handed on is kept. Throws what keeping threw. */
  async settled(): Promise<void> {
    await this.keeping;
  }

  /** From here on there is no state between two steps. */
  end(): void {
    this.isOver = true;
    for (const asker of this.askers.splice(0)) asker.refuse(trainingIsOver());
  }

  /** `take` runs before anything else of the run does. */
  private ask<Result>(take: (state: TrainerState) => Result | Promise<Result>): Promise<Result> {
    if (this.isOver) return Promise.reject(trainingIsOver());
    return new Promise((resolve, refuse) => {
      this.askers.push({ take: (state) => resolve(take(state)), refuse });
      if (this.isHeld) this.answering = this.answering.then(() => this.answer());
    });
  }

  private hand(state: TrainerState, reason: CheckpointReason): Promise<void> {
    this.last = { step: state.step, atMs: performance.now() };
    const kept = this.parts.keep(state, reason);
    this.keeping = Promise.all([this.keeping, kept]);
    // Whoever waits for it next hears of a failure.
    this.keeping.catch(() => {});
    return kept;
  }
}

function trainingIsOver(): TuneletError {
  return new TuneletError(
    'run/not-ready',
    'The training is over, so there is no state between two of its steps.',
    'Wait for the results of the run.',
  );
}
