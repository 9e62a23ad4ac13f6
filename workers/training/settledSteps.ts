import { TuneletError } from '../api/errors';
import type { StepRecord } from '../api/steps';
import type { TrainingSettings } from '../api/settings';
import type { Readings } from '../engine/executor';
import type { TrainerState } from './trainerState';

/** A step that the device has been given, with the readings of its micro-batches. */
export interface SubmittedStep {
  step: number;
  learningRate: number;
  readings: Promise<Readings>[];
}

/** Skipped one after another: by then the scale is a millionth of what it was, and a smaller one would not help. */
const mostSkippedInARow = 20;

/** Steps on their way through the device, and what came back of them. A step counts when its readings are here. */
export class SettledSteps {
  readonly records: StepRecord[];
  /** The last step that counts. */
  step: number;
  skippedSteps: number;
  skippedInARow: number;
  /** Null for a program in float32. */
  lossScale: number | null;
  private readonly settings: TrainingSettings;
  private readonly isScaled: boolean;
  private pending: SubmittedStep[] = [];
  private unreported: StepRecord[] = [];

  /** `lossScale`: what the first step uses. */
  constructor(settings: TrainingSettings, lossScale: number | null, from: TrainerState | null) {
    this.settings = settings;
    this.isScaled = lossScale !== null;
    this.lossScale = lossScale === null ? null : (from?.lossScale?.[0] ?? lossScale);
    this.records = [...(from?.records ?? [])];
    this.step = from?.step ?? 0;
    this.skippedSteps = from?.skippedSteps ?? 0;
    this.skippedInARow = from?.skippedInARow ?? 0;
  }

  get waiting(): number {
    return this.pending.length;
  }

  add(submitted: SubmittedStep): void {
    this.pending.push(submitted);
    // The first that fails ends the run; those behind it fail with the same device.
    for (const reading of submitted.readings) reading.catch(() => {});
  }

  /** Waits for the oldest step's readings. Throws 'run/diverged' when its loss is no number. */
  async settleOldest(): Promise<void> {
    const oldest = this.pending.shift();
    if (!oldest) return;
    const readings = await Promise.all(oldest.readings);
    const loss = readings.reduce((sum, reading) => sum + (reading.get('loss')?.[0] ?? Number.NaN), 0);
    const gradNorm = readings.at(-1)?.get('gradNorm')?.[0] ?? Number.NaN;
    this.step = oldest.step;
    const usedScale = this.lossScale;
    this.lossScale = readings.at(-1)?.get('lossScale')?.[0] ?? null;
    if (usedScale !== null && !Number.isFinite(gradNorm)) return this.noteSkipped(oldest.step, loss, usedScale);
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) this.failDiverged(oldest.step, loss, gradNorm);
    this.skippedInARow = 0;
    const record = { step: oldest.step, loss, learningRate: oldest.learningRate, gradNorm };
    this.records.push(record);
    this.unreported.push(record);
  }

  get hasUnreported(): boolean {
    return this.unreported.length > 0;
  }

  /** The records since the last asking. */
  takeUnreported(): StepRecord[] {
    const records = this.unreported;
    this.unreported = [];
    return records;
  }

  /** The device skipped the step and halved the scale. That helps where gradients overflow, not where the loss itself does. */
  private noteSkipped(step: number, loss: number, scale: number): void {
    this.skippedSteps += 1;
    this.skippedInARow += 1;
    if (!Number.isFinite(loss) && scale <= 1) this.failDiverged(step, loss, Number.NaN);
    if (this.skippedInARow >= mostSkippedInARow) this.failOverflowing(step, scale);
  }

  private failOverflowing(step: number, scale: number): never {
    throw new TuneletError(
      'run/diverged',
      `Training stopped at step ${step}: the gradients of the last ${mostSkippedInARow} steps overflowed float16, the last of them with a loss scale of ${scale}, so none of these steps was taken.`,
      'Switch fp16 off, or lower learning_rate, then start again. Your data and settings are kept.',
      {
        step,
        lossScale: scale,
        happened: `The gradients of ${mostSkippedInARow} steps in a row overflowed float16 at step ${step}`,
      },
    );
  }

  private failDiverged(step: number, loss: number, gradNorm: number): never {
    const { learningRate } = this.settings;
    const before = this.records.at(-1)?.loss;
    const from = before === undefined ? '' : `from ${before.toPrecision(3)} `;
    const what = Number.isFinite(loss) ? `the gradient’s norm went to ${gradNorm}` : `the loss went ${from}to ${loss}`;
    const orFloat32 = this.isScaled ? ' or switch fp16 off' : '';
    throw new TuneletError(
      'run/diverged',
      `Training stopped at step ${step}: ${what} with learning_rate ${learningRate}.`,
      `Lower learning_rate (try ${(learningRate / 4).toPrecision(2)}) or lengthen warmup_steps${orFloat32}, then start again. Your data and settings are kept.`,
      { step, learningRate, happened: `${what.replace(/^t/, 'T')} at step ${step}` },
    );
  }
}
