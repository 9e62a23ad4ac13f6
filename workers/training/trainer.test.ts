import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TrainingSettings } from '../api/settings';
import type { Executor } from '../engine/executor';
import { CutRuns, type HeardRun } from '../testing/cutRun';
import { loadParityCase } from '../testing/parityCase';
import { createReferenceExecutor } from '../testing/referenceProgram';
import type { Trainer } from './trainer';

let executor: Executor;
let runs: CutRuns;
let scaledRuns: CutRuns;

beforeAll(async () => {
  const folder = new URL('../testing/fixtures/reference/gpt2-tiny-cls/', import.meta.url);
  const parity = await loadParityCase('gpt2-tiny-cls', async (file) => new Uint8Array(await readFile(new URL(file, folder))));
  executor = createReferenceExecutor();
  runs = await CutRuns.make(parity, executor, null);
  scaledRuns = await CutRuns.make(parity, executor, 1);
});

/** Every evaluation is better than the one before, where `merits` does not say otherwise. */
function train(
  changes: Partial<TrainingSettings>,
  act: (trainer: Trainer, step: number) => void = () => {},
  merits: number[] = [],
  lossScale: number | null = null,
): Promise<HeardRun> {
  const merit = (_: number, count: number): number => merits[count - 1] ?? count;
  return lossScale === null ? runs.train({ changes, act, merit }) : scaledRuns.train({ changes, act, merit, lossScale });
}

describe('Trainer', () => {
  it('runs all steps, evaluates when planned and lowers the loss', async () => {
    const { outcome, evaluated } = await train({ numTrainEpochs: 5, learningRate: 0.01, evalSteps: 10 });
    const losses = outcome.records.map((record) => record.loss);
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(outcome.steps).toBe(30);
    expect(evaluated).toEqual([10, 20, 30]);
    expect(mean(losses.slice(-6))).toBeLessThan(0.7 * mean(losses.slice(0, 6)));
    expect(outcome.records.map((record) => record.step)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(outcome.records.at(-1)?.learningRate).toBeCloseTo(0.01 / 30, 12);
  });

  it('keeps the parameters of the best evaluation', async () => {
    const { outcome } = await train({ maxSteps: 6, learningRate: 0.01 }, () => {}, [1, 3, 2]);
    expect(outcome.bestStep).toBe(4);
    const again = await train({ maxSteps: 4, learningRate: 0.01, lrSchedulerType: 'constant' });
    const longer = await train({ maxSteps: 6, learningRate: 0.01, lrSchedulerType: 'constant' }, () => {}, [1, 3, 2]);
    expect(longer.outcome.parameters).toEqual(again.outcome.parameters);
  });

  it('takes the same step for one batch of eight as for two of four', async () => {
    const constant = { maxSteps: 1, learningRate: 0.01, lrSchedulerType: 'constant' } as const;
    const whole = await train({ ...constant, perDeviceTrainBatchSize: 8 });
    const parts = await train({ ...constant, perDeviceTrainBatchSize: 4, gradientAccumulationSteps: 2 });
    expect(parts.outcome.records[0]?.loss).toBeCloseTo(whole.outcome.records[0]?.loss ?? 0, 6);
    expect(parts.outcome.records[0]?.gradNorm).toBeCloseTo(whole.outcome.records[0]?.gradNorm ?? 0, 5);
    parts.outcome.parameters.forEach((value, index) => expect(value).toBeCloseTo(whole.outcome.parameters[index] ?? 0, 5));
  });

  it('stops after the step under way, judges it and keeps it', async () => {
    const { outcome, evaluated } = await train({ maxSteps: 50, evalSteps: 0 }, (trainer, step) => step >= 3 && trainer.stop());
    expect(outcome.stopped).toBe(true);
    expect(outcome.steps).toBeGreaterThanOrEqual(3);
    expect(outcome.steps).toBeLessThan(50);
    expect(evaluated).toEqual([outcome.steps]);
    expect(outcome.bestStep).toBe(outcome.steps);
    expect(outcome.parameters).not.toEqual(runs.start);
  });

  it('tells every step before a state that holds it is kept, or a run that goes on from there would never tell it', async () => {
    const { kept, told } = await train({ maxSteps: 12, evalSteps: 0, saveSteps: 3 });
    expect(kept.map(({ state }) => state.step)).toEqual([0, 3, 6, 9, 12]);
    expect(kept.map((one) => one.told)).toEqual([0, 3, 6, 9, 12]);
    expect(told).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  });

  it('holds still while paused', async () => {
    let steps = 0;
    const { outcome, phases } = await train({ maxSteps: 4 }, (trainer, step) => {
      if (step !== 2 || steps > 0) return;
      steps = step;
      trainer.pause();
      setTimeout(() => trainer.resume(), 150);
    });
    expect(phases.filter((phase) => phase === 'paused' || phase === 'training')).toContain('paused');
    expect(outcome.steps).toBe(4);
    // The pause is no training time.
    expect(outcome.elapsedSeconds).toBeLessThan(10);
  });

  it('says what to do when the loss is no number any more', async () => {
    await expect(
      train({ maxSteps: 50, learningRate: 1e30, lrSchedulerType: 'constant', maxGradNorm: 0, weightDecay: 0 }),
    ).rejects.toMatchObject({
      code: 'run/diverged',
    });
  });
});

describe('Trainer with a scaled loss', () => {
  const constant = { maxSteps: 4, learningRate: 0.01, lrSchedulerType: 'constant' } as const;

  it('trains as without, from one run to the next', async () => {
    const plain = await train(constant);
    for (const scale of [1024, 8]) {
      const { outcome } = await train(constant, () => {}, [], scale);
      expect(outcome.skippedSteps).toBe(0);
      // The bias corrections are float64 sums here, float32 ones of the host there.
      outcome.parameters.forEach((value, index) => expect(value).toBeCloseTo(plain.outcome.parameters[index] ?? 0, 6));
      expect(outcome.records.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
      expect((await executor.readState('lossScale'))[0]).toBe(scale);
    }
  });

  it('ends a run of which every step overflows, and says that none was taken', async () => {
    const started = train({ ...constant, maxSteps: 50 }, () => {}, [], Infinity);
    await expect(started).rejects.toMatchObject({ code: 'run/diverged', details: { step: 20 } });
    expect(await executor.readState('parameters')).toEqual(scaledRuns.start);
  });

  it('calls a loss that is no number at a scale of one what it is', async () => {
    // The first step makes every parameter NaN; the next ones are skipped, at scales of 4, 2 and 1.
    const wild = { maxSteps: 50, learningRate: Infinity, lrSchedulerType: 'constant' } as const;
    const started = train(wild, () => {}, [], 4);
    await expect(started).rejects.toMatchObject({ code: 'run/diverged', details: { step: 4, learningRate: Infinity } });
    expect((await executor.readState('lossScale'))[0]).toBe(0.5);
  });
});
