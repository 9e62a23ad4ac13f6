import type { Progress, RunPhase } from '../api/events';
import type { StepRecord } from '../api/steps';
import type { TrainingSettings } from '../api/settings';
import { dropoutKey } from '../engine/dropout';
import type { Executor, Program, Readings } from '../engine/executor';
import { lossScaleStart } from '../engine/lossScale';
import { nextTask } from '../engine/nextTask';
import type { StepValues } from '../engine/step';
import { stepBatches, type BatchSource } from './examples';
import { adam } from './graphs';
import { Gate, Stopwatch } from './pace';
import { learningRateAt, rateFactor, type StepPlan } from './schedule';
import { SettledSteps } from './settledSteps';
import { StateHandover, type CheckpointReason } from './stateHandover';
import { readDeviceState, writeDeviceState, type BestStep, type HostState, type TrainerState } from './trainerState';
import { outcomeOf, tokenRate, type TrainingOutcome } from './trainingOutcome';

/** What the trainer reports; the session turns it into events. */
export interface TrainerListener {
  phase(phase: RunPhase): void;
  steps(records: StepRecord[], progress: Progress): void;
  /**
   * Evaluates the parameters as they are after `step`; returns a figure of merit, more is better. `hold` is awaited between batches:
   * it lasts as long as the run is paused.
   */
  evaluate(step: number, hold: () => Promise<void>): Promise<number>;
  /** Keeps a state; called between two steps, and not waited for before the next state. A rejection ends the run. */
  checkpoint(state: TrainerState, reason: CheckpointReason): Promise<void>;
}

export interface TrainerParts {
  executor: Executor;
  program: Program;
  examples: BatchSource;
  settings: TrainingSettings;
  plan: StepPlan;
  /** What the loss is scaled by at first; null for a program in float32. */
  lossScale: number | null;
  /** What an earlier trainer of the same run left; null: the run begins, with the parameters that the executor holds. */
  from: TrainerState | null;
  listener: TrainerListener;
}

const reportEveryMs = 100;

/** The training loop: transformers.Trainer's order of things, in which every text (of a language model: every predicted token) counts the same when accumulating. */
export class Trainer {
  private readonly parts: TrainerParts;
  private readonly gate = new Gate();
  private readonly watch: Stopwatch;
  private readonly trainingWatch: Stopwatch;
  private readonly settled: SettledSteps;
  private tokensDone: number;
  private lastReportMs = 0;
  private stopping: boolean;
  private best: BestStep;
  private lastEvaluated: number;
  private readonly handover: StateHandover;
  private readonly rateHalvedAfter: number | null;

  constructor(parts: TrainerParts) {
    const { from, settings, lossScale } = parts;
    this.parts = parts;
    this.settled = new SettledSteps(settings, lossScale, from);
    this.watch = new Stopwatch(undefined, from?.elapsedMs);
    this.trainingWatch = new Stopwatch(undefined, from?.trainingMs);
    this.tokensDone = from?.tokensDone ?? 0;
    this.stopping = from?.stopped ?? false;
    this.best = from?.best ?? { merit: -Infinity, step: 0, parameters: new Float32Array() };
    this.lastEvaluated = from?.lastEvaluated ?? 0;
    this.handover = new StateHandover({
      take: () => this.takeState(),
      keep: (state, reason) => parts.listener.checkpoint(state, reason),
      saveSteps: parts.plan.saveSteps,
      step: from?.step ?? 0,
    });
    this.rateHalvedAfter = from?.rateHalvedAfter ?? null;
  }

  /** The last step that counts. */
  get step(): number {
    return this.settled.step;
  }

  pause(): void {
    this.gate.close();
  }

  resume(): void {
    this.gate.open();
  }

  stop(): void {
    this.stopping = true;
    this.gate.open();
  }

  /**
   * What an executor with the same weights needs to go on exactly; between two steps, so after the one under way. Throws
   * 'run/not-ready' once the training is over.
   */
  state(): Promise<TrainerState> {
    return this.handover.state();
  }

  /** Has the listener keep the state as it is after the step under way; resolves when that is done. */
  checkpointNow(): Promise<void> {
    return this.handover.keepNow();
  }

  /** Runs to the end, or to `stop`. Throws 'run/diverged' when the loss is no number any more. */
  async run(): Promise<TrainingOutcome> {
    try {
      return await this.runSteps();
    } finally {
      this.handover.end();
    }
  }

  private async runSteps(): Promise<TrainingOutcome> {
    const { plan, listener } = this.parts;
    this.watch.start();
    await this.begin();
    listener.phase('training');
    let done = this.settled.step;
    if (this.isEvaluationDue(done)) await this.evaluate(done);
    const batches = this.stepBatches(done);
    for (let step = done + 1; step <= plan.totalSteps && !this.stopping; step++) {
      await this.holdWhilePaused('training');
      if (this.stopping) break;
      await this.trainStep(step, batches.next().value ?? []);
      done = step;
      if (this.isEvaluationDue(step)) await this.evaluate(step);
      if (step < plan.totalSteps) await this.handover.keepWhereDue(step);
      await nextTask();
    }
    await this.drain();
    if (this.stopping && this.lastEvaluated !== done) await this.evaluate(done);
    this.watch.stop();
    this.report(true);
    if (done > 0) await this.handover.keep('end');
    await this.handover.settled();
    return outcomeOf(this.hostState());
  }

  /** Puts the executor where the run begins or goes on. */
  private async begin(): Promise<void> {
    const { executor, lossScale, from } = this.parts;
    if (from) return writeDeviceState(executor, from, lossScale);
    this.best.parameters = await executor.readState('parameters');
    if (lossScale !== null) executor.writeState('lossScale', lossScaleStart(lossScale));
    await this.handover.keep('start');
  }

  private isEvaluationDue(step: number): boolean {
    return step > 0 && this.lastEvaluated !== step && this.parts.plan.evaluationSteps.includes(step);
  }

  /** Micro-batches of one step after another, from the one after `done` on. */
  private stepBatches(done: number): Generator<ArrayLike<number>[], undefined> {
    const { perDeviceTrainBatchSize, gradientAccumulationSteps, seed } = this.parts.settings;
    return stepBatches(this.parts.examples.count, perDeviceTrainBatchSize, gradientAccumulationSteps, seed, done);
  }

  private async trainStep(step: number, microBatches: ArrayLike<number>[]): Promise<void> {
    const { program, examples, executor } = this.parts;
    this.trainingWatch.start();
    const share = microBatches.reduce((sum, indices) => sum + examples.lossShare(indices), 0);
    const readings: Promise<Readings>[] = [];
    let learningRate = 0;
    for (const [at, indices] of microBatches.entries()) {
      const values = this.stepValues(step, at, share);
      learningRate = values.learningRate;
      const last = at === microBatches.length - 1;
      readings.push(program.run(examples.pack(indices), values, last));
      this.tokensDone += examples.tokens(indices);
    }
    this.settled.add({ step, learningRate, readings });
    // The GPU works ahead while readings of earlier steps arrive; the processor has nothing to overlap.
    const depth = executor.kind === 'webgpu' ? 2 : 0;
    await this.settleDownTo(depth);
  }

  private stepValues(step: number, microBatch: number, share: number): StepValues {
    const { settings, plan } = this.parts;
    const { lrSchedulerType, learningRate } = settings;
    return {
      dropoutSeed: dropoutKey(settings.seed ^ Math.imul(step, 0x85ebca6b), microBatch),
      lossWeight: 1 / share,
      accumulate: microBatch > 0,
      learningRate: rateFactor(step, this.rateHalvedAfter) * learningRateAt(step - 1, lrSchedulerType, learningRate, plan.warmupSteps, plan.totalSteps), // prettier-ignore
      weightDecay: settings.weightDecay,
      maxGradNorm: settings.maxGradNorm,
      correction1: 1 - adam.beta1 ** step,
      correction2: 1 - adam.beta2 ** step,
    };
  }

  private async settleDownTo(count: number): Promise<void> {
    while (this.settled.waiting > count) {
      await this.settled.settleOldest();
      this.report(false);
    }
  }

  private async drain(): Promise<void> {
    await this.settleDownTo(0);
    this.trainingWatch.stop();
  }

  private async evaluate(step: number): Promise<void> {
    await this.drain();
    this.report(true);
    this.parts.listener.phase('evaluating');
    const merit = await this.parts.listener.evaluate(step, () => this.holdWhilePaused('evaluating'));
    this.lastEvaluated = step;
    if (merit > this.best.merit) {
      this.best = { merit, step, parameters: await this.parts.executor.readState('parameters') };
    }
    if (step < this.parts.plan.totalSteps && !this.stopping) this.parts.listener.phase('training');
  }

  private async holdWhilePaused(during: 'training' | 'evaluating'): Promise<void> {
    this.watch.look();
    if (!this.gate.isClosed) return this.handover.answer();
    await this.drain();
    this.report(true);
    this.watch.stop();
    this.parts.listener.phase('paused');
    await this.handover.keep('pause');
    await this.handover.during(this.gate.passed());
    this.watch.start();
    if (!this.stopping || during === 'evaluating') this.parts.listener.phase(during);
  }

  private async takeState(): Promise<TrainerState> {
    const { executor, lossScale } = this.parts;
    await this.drain();
    // A run that goes on from this state takes the steps before it as told.
    if (this.settled.hasUnreported) this.report(true);
    return { ...(await readDeviceState(executor, lossScale !== null)), ...this.hostState() };
  }

  /** Of steps whose readings are all back. */
  private hostState(): HostState {
    const { step, records, skippedSteps, skippedInARow } = this.settled;
    return {
      step,
      skippedSteps,
      skippedInARow,
      best: this.best,
      lastEvaluated: this.lastEvaluated,
      tokensDone: this.tokensDone,
      elapsedMs: this.watch.elapsedMs,
      trainingMs: this.trainingWatch.elapsedMs,
      stopped: this.stopping,
      records: [...records],
      rateHalvedAfter: this.rateHalvedAfter,
    };
  }

  private report(force: boolean): void {
    const now = performance.now();
    if (!force && now - this.lastReportMs < reportEveryMs) return;
    this.lastReportMs = now;
    const { plan, listener } = this.parts;
    const { step, lossScale, skippedSteps } = this.settled;
    const elapsedSeconds = this.watch.elapsedMs / 1000;
    const secondsLeft = step >= 3 ? (elapsedSeconds / step) * (plan.totalSteps - step) : null;
    const epoch = step / plan.stepsPerEpoch;
    listener.steps(this.settled.takeUnreported(), {
      step,
      totalSteps: plan.totalSteps,
      epoch,
      tokensPerSecond: tokenRate(this.tokensDone, this.trainingWatch.elapsedMs),
      elapsedSeconds,
      secondsLeft,
      ...(lossScale === null ? {} : { lossScale: { scale: lossScale, skippedSteps } }),
    });
  }
}
