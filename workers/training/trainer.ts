import { TuneletError } from '../api/errors';
import type { Progress, RunPhase, StepRecord } from '../api/events';
import type { TrainingSettings } from '../api/settings';
import { dropoutKey } from '../engine/dropout';
import type { Executor, Program, Readings } from '../engine/executor';
import { lossScaleStart } from '../engine/lossScale';
import type { StepValues } from '../engine/step';
import { epochBatches, type BatchSource } from './examples';
import { adam } from './graphs';
import { breathe, Gate, Stopwatch } from './pace';
import { learningRateAt, type StepPlan } from './schedule';

/** What the trainer reports; the session turns it into events. */
export interface TrainerListener {
  phase(phase: RunPhase): void;
  steps(records: StepRecord[], progress: Progress): void;
  /**
   * Evaluates the parameters as they are after `step`; returns a figure of merit, more is better. `hold` is awaited between batches:
   * it lasts as long as the run is paused.
   */
  evaluate(step: number, hold: () => Promise<void>): Promise<number>;
}

export interface TrainerParts {
  executor: Executor;
  program: Program;
  examples: BatchSource;
  settings: TrainingSettings;
  plan: StepPlan;
  /** What the loss is scaled by at first; null for a program in float32. */
  lossScale: number | null;
  listener: TrainerListener;
}

export interface TrainingOutcome {
  steps: number;
  /** The evaluated step whose parameters are kept; 0 when none was better than the start. */
  bestStep: number;
  parameters: Float32Array;
  stopped: boolean;
  elapsedSeconds: number;
  tokensPerSecond: number;
  records: StepRecord[];
  /** Steps that changed nothing, because a gradient overflowed float16. */
  skippedSteps: number;
}

/** Skipped one after another: by then the scale is a millionth of what it was, and a smaller one would not help. */
const mostSkippedInARow = 20;

const reportEveryMs = 100;

interface PendingStep {
  step: number;
  learningRate: number;
  readings: Promise<Readings>[];
}

/** The training loop: transformers.Trainer's order of things, in which every text (of a language model: every predicted token) counts the same when accumulating. */
export class Trainer {
  private readonly parts: TrainerParts;
  private readonly gate = new Gate();
  private readonly watch = new Stopwatch();
  private readonly trainingWatch = new Stopwatch();
  private readonly records: StepRecord[] = [];
  private unreported: StepRecord[] = [];
  private pending: PendingStep[] = [];
  private tokensDone = 0;
  private settledSteps = 0;
  private skippedSteps = 0;
  private skippedInARow = 0;
  private lossScale: number | null = null;
  private lastReportMs = 0;
  private stopping = false;
  private best: { merit: number; step: number; parameters: Float32Array } = {
    merit: -Infinity,
    step: 0,
    parameters: new Float32Array(),
  };
  private lastEvaluated = 0;

  constructor(parts: TrainerParts) {
    this.parts = parts;
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

  /** Runs to the end, or to `stop`. Throws 'run/diverged' when the loss is no number any more. */
  async run(): Promise<TrainingOutcome> {
    const { plan, listener } = this.parts;
    this.watch.start();
    this.best.parameters = await this.parts.executor.readState('parameters');
    this.lossScale = this.parts.lossScale;
    if (this.lossScale !== null) this.parts.executor.writeState('lossScale', lossScaleStart(this.lossScale));
    listener.phase('training');
    let done = 0;
    const batches = this.stepBatches();
    for (let step = 1; step <= plan.totalSteps && !this.stopping; step++) {
      await this.holdWhilePaused('training');
      if (this.stopping) break;
      await this.trainStep(step, batches.next().value ?? []);
      done = step;
      if (plan.evaluationSteps.includes(step)) await this.evaluate(step);
      await breathe();
    }
    await this.drain();
    if (this.stopping && this.lastEvaluated !== done) await this.evaluate(done);
    this.watch.stop();
    this.report(true);
    return this.outcome(done);
  }

  private outcome(done: number): TrainingOutcome {
    return {
      steps: done,
      bestStep: this.best.step,
      parameters: this.best.parameters,
      stopped: this.stopping,
      elapsedSeconds: this.watch.elapsedMs / 1000,
      tokensPerSecond: this.tokensPerSecond,
      records: this.records,
      skippedSteps: this.skippedSteps,
    };
  }

  /** Micro-batches of one step after another, over all epochs. */
  private *stepBatches(): Generator<ArrayLike<number>[], undefined> {
    const { settings, examples } = this.parts;
    for (let epoch = 0; ; epoch++) {
      const micro = epochBatches(examples.count, settings.perDeviceTrainBatchSize, settings.seed, epoch);
      for (let at = 0; at < micro.length; at += settings.gradientAccumulationSteps)
        yield micro.slice(at, at + settings.gradientAccumulationSteps);
    }
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
    this.pending.push({ step, learningRate, readings });
    // The GPU works ahead while readings of earlier steps arrive; the processor has nothing to overlap.
    const depth = executor.kind === 'webgpu' ? 2 : 0;
    while (this.pending.length > depth) await this.settleOldest();
  }

  private stepValues(step: number, microBatch: number, share: number): StepValues {
    const { settings, plan } = this.parts;
    return {
      dropoutSeed: dropoutKey(settings.seed ^ Math.imul(step, 0x85ebca6b), microBatch),
      lossWeight: 1 / share,
      accumulate: microBatch > 0,
      learningRate: learningRateAt(step - 1, settings.lrSchedulerType, settings.learningRate, plan.warmupSteps, plan.totalSteps),
      weightDecay: settings.weightDecay,
      maxGradNorm: settings.maxGradNorm,
      correction1: 1 - adam.beta1 ** step,
      correction2: 1 - adam.beta2 ** step,
    };
  }

  private async settleOldest(): Promise<void> {
    const oldest = this.pending.shift();
    if (!oldest) return;
    const readings = await Promise.all(oldest.readings);
    const loss = readings.reduce((sum, reading) => sum + (reading.get('loss')?.[0] ?? Number.NaN), 0);
    const gradNorm = readings.at(-1)?.get('gradNorm')?.[0] ?? Number.NaN;
    this.settledSteps = oldest.step;
    const usedScale = this.lossScale;
    this.lossScale = readings.at(-1)?.get('lossScale')?.[0] ?? null;
    if (usedScale !== null && !Number.isFinite(gradNorm)) return this.noteSkipped(oldest.step, loss, usedScale);
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) this.failDiverged(oldest.step, loss);
    this.skippedInARow = 0;
    const record = { step: oldest.step, loss, learningRate: oldest.learningRate, gradNorm };
    this.records.push(record);
    this.unreported.push(record);
    this.report(false);
  }

  /** The device skipped the step and halved the scale. That helps where gradients overflow, not where the loss itself does. */
  private noteSkipped(step: number, loss: number, scale: number): void {
    this.skippedSteps += 1;
    this.skippedInARow += 1;
    if (!Number.isFinite(loss) && scale <= 1) this.failDiverged(step, loss);
    if (this.skippedInARow >= mostSkippedInARow) this.failOverflowing(step, scale);
    this.report(false);
  }

  private failOverflowing(step: number, scale: number): never {
    throw new TuneletError(
      'run/diverged',
      `Training stopped at step ${step}: the gradients of the last ${mostSkippedInARow} steps overflowed float16, the last of them with a loss scale of ${scale}, so none of these steps was taken.`,
      'Switch fp16 off, or lower learning_rate, then start again. Your data and settings are kept.',
      { step, lossScale: scale },
    );
  }

  private failDiverged(step: number, loss: number): never {
    const { learningRate } = this.parts.settings;
    const orFloat32 = this.parts.lossScale === null ? '' : ' or switch fp16 off';
    throw new TuneletError(
      'run/diverged',
      `Training stopped at step ${step}: the loss became ${loss} with learning_rate ${learningRate}.`,
      `Lower learning_rate (try ${(learningRate / 4).toPrecision(2)}) or lengthen warmup_steps${orFloat32}, then start again. Your data and settings are kept.`,
      { step, learningRate },
    );
  }

  private async drain(): Promise<void> {
    while (this.pending.length > 0) await this.settleOldest();
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
    if (!this.gate.isClosed) return;
    await this.drain();
    this.report(true);
    this.watch.stop();
    this.parts.listener.phase('paused');
    await this.gate.passed();
    this.watch.start();
    if (!this.stopping || during === 'evaluating') this.parts.listener.phase(during);
  }

  private get tokensPerSecond(): number {
    return this.trainingWatch.elapsedMs > 0 ? (this.tokensDone * 1000) / this.trainingWatch.elapsedMs : 0;
  }

  private report(force: boolean): void {
    const now = performance.now();
    if (!force && now - this.lastReportMs < reportEveryMs) return;
    this.lastReportMs = now;
    const { plan, listener } = this.parts;
    const step = this.settledSteps;
    const elapsedSeconds = this.watch.elapsedMs / 1000;
    const secondsLeft = step >= 3 ? (elapsedSeconds / step) * (plan.totalSteps - step) : null;
    const epoch = step / plan.stepsPerEpoch;
    listener.steps(this.unreported, {
      step,
      totalSteps: plan.totalSteps,
      epoch,
      tokensPerSecond: this.tokensPerSecond,
      elapsedSeconds,
      secondsLeft,
      ...(this.lossScale === null ? {} : { lossScale: { scale: this.lossScale, skippedSteps: this.skippedSteps } }),
    });
    this.unreported = [];
  }
}
