import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SchedulerType } from '../api/settings';
import { defaultSettings } from '../api/model';
import { learningRateAt, planSteps, warmupCount } from './schedule';

interface Fixture {
  schedules: { name: string; steps: number; warmup: number; kwargs: Record<string, number>; base_lr: number; lr: number[] }[];
  warmup_argument: { warmup_steps_argument: number; total_steps: number; warmup_steps: number }[];
}
const fixture: Fixture = JSON.parse(
  readFileSync(new URL('../testing/fixtures/reference/schedules/schedules.json', import.meta.url), 'utf8'),
);
const types: readonly SchedulerType[] = ['linear', 'cosine', 'constant', 'constant_with_warmup'];

describe('learningRateAt', () => {
  const cases = fixture.schedules.flatMap((schedule) => {
    const type = types.find((name) => name === schedule.name);
    return type && Object.keys(schedule.kwargs).length === 0 ? [{ ...schedule, type }] : [];
  });
  it('has curves to match', () => expect(cases.length).toBeGreaterThan(30));
  it.each(cases)('equals transformers for $name, $steps steps, warm-up $warmup', ({ type, steps, warmup, base_lr, lr }) => {
    // The fixture runs three steps past the end; a run never does.
    lr.slice(0, steps).forEach((rate, step) =>
      expect(Math.abs(learningRateAt(step, type, base_lr, warmup, steps) - rate)).toBeLessThan(1e-15),
    );
  });
});

describe('planSteps', () => {
  it('counts warm-up as transformers does', () => {
    for (const row of fixture.warmup_argument)
      expect(warmupCount(row.warmup_steps_argument, row.total_steps)).toBe(row.warmup_steps);
  });
  it('rounds batches, accumulation and epochs up', () => {
    const { settings } = defaultSettings(null, null);
    const plan = planSteps(
      {
        ...settings,
        perDeviceTrainBatchSize: 8,
        gradientAccumulationSteps: 3,
        numTrainEpochs: 2.5,
        evalSteps: 4,
        warmupSteps: 0,
      },
      100,
    );
    expect(plan).toEqual({ stepsPerEpoch: 5, totalSteps: 13, warmupSteps: 0, saveSteps: 20, evaluationSteps: [4, 8, 12, 13] });
    expect(planSteps({ ...settings, maxSteps: 7, evalSteps: 0 }, 100).evaluationSteps).toEqual([7]);
    expect(planSteps({ ...settings, maxSteps: 10, evalSteps: 0.25 }, 100).evaluationSteps).toEqual([3, 6, 9, 10]);
  });
});
