import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../api/model';
import type { SettledSettings, TrainingSettings } from '../../api/settings';
import { buildClassifierGraphs } from '../../training/graphs';
import type { Device } from '../device';
import { batchesOfSameEffect, fits, limitsOf, memoryError, memoryProblem, wantsCheckpointing } from './memoryProblem';
import { bodyPlan } from '../tasks/runTask';
import { runNeeds, type RunNeeds } from './runMemory';
import { evaluationCapacityFor } from '../tasks/evaluationCapacity';
import { gpt2Small } from '../../testing/gpt2Graphs';

const gpu: Device = {
  threads: 1,
  limits: { bufferBytes: 2 ** 31, bindingBytes: 2 ** 27 },
  report: { executor: 'webgpu', label: 'WebGPU, test', notice: null, offers: null },
  disproof: null,
  tunes: false,
};
const processor: Device = {
  threads: 2,
  limits: null,
  disproof: null,
  tunes: false,
  report: { executor: 'wasm', label: 'Processor', notice: null, offers: null },
};

const settings: SettledSettings = {
  ...defaultSettings({ parameterCount: 124e6, positions: 1024, defaultModules: ['c_attn'] }, 1000).settings,
  perDeviceTrainBatchSize: 16,
  gradientCheckpointing: false,
};

/** Every text has 256 tokens; what is left open is off. */
function needsOf(device: Device) {
  return (changed: TrainingSettings): RunNeeds => {
    const { perDeviceTrainBatchSize: sequences } = changed;
    const gradientCheckpointing = changed.gradientCheckpointing === true;
    const plan = { ...bodyPlan(changed, gpt2Small), labelCount: 2 };
    const graphs = buildClassifierGraphs(gpt2Small, plan, { gradientCheckpointing });
    const training = { tokens: sequences * 256, sequences };
    return runNeeds(graphs, training, evaluationCapacityFor(graphs, training, 256), device);
  };
}

function problemAt(limitBytes: number | null, changes: Partial<TrainingSettings> = {}, device = gpu) {
  const all = { ...settings, ...changes };
  const needs = needsOf(device)(all);
  return { needs, problem: memoryProblem(needs, all, limitsOf(device, limitBytes), needsOf(device)) };
}

describe('memoryProblem', () => {
  it('says nothing of a run that fits', () => {
    expect(problemAt(null).problem).toBeNull();
    expect(problemAt(2e9).problem).toBeNull();
  });

  it('offers the largest batch that fits, and recomputing where that alone is enough', () => {
    const { needs, problem } = problemAt(1e9);
    expect(needs.memory.totalBytes).toBeGreaterThan(1.8e9);
    expect(problem?.message).toContain(`This run needs ${(needs.memory.totalBytes / 1e9).toFixed(1)} GB`);
    expect(problem?.message).toContain('more than the memory limit of 1.0 GB');
    expect(problem?.remedies.map((remedy) => remedy.settings)).toEqual([
      { perDeviceTrainBatchSize: 4, gradientAccumulationSteps: 4 },
      { gradientCheckpointing: true },
    ]);
    for (const remedy of problem?.remedies ?? []) {
      const changed = needsOf(gpu)({ ...settings, ...remedy.settings });
      expect(changed.memory.totalBytes).toBe(remedy.memoryBytes);
      expect(fits(changed, limitsOf(gpu, 1e9))).toBe(true);
    }
    const twice = needsOf(gpu)({ ...settings, perDeviceTrainBatchSize: 8 });
    expect(fits(twice, limitsOf(gpu, 1e9))).toBe(false);
  });

  it('offers both at once where neither is enough', () => {
    const { problem } = problemAt(0.35e9);
    expect(problem?.remedies).toHaveLength(1);
    expect(problem?.remedies[0]?.settings).toMatchObject({ gradientCheckpointing: true });
    expect(problem?.remedies[0]?.settings.perDeviceTrainBatchSize).toBeLessThan(16);
  });

  it('offers nothing where the weights alone are too large, and says so', () => {
    const { needs, problem } = problemAt(0.1e9);
    expect(problem?.remedies).toEqual([]);
    const error = problem && memoryError(problem, needs);
    expect(error).toMatchObject({ code: 'run/too-much-memory' });
    expect(error?.remedy).toContain('raise the memory limit');
  });

  it('keeps what one kernel must reach under the device’s limit', () => {
    const { problem } = problemAt(null, { perDeviceTrainBatchSize: 64 });
    expect(problem?.message).toContain('a kernel of this device reaches 134 MB');
    expect(problem?.remedies[0]?.settings).toEqual({ perDeviceTrainBatchSize: 32, gradientAccumulationSteps: 2 });
  });

  it('knows the end of WebAssembly’s memory without being told', () => {
    const { problem } = problemAt(null, { perDeviceTrainBatchSize: 64 }, processor);
    expect(problem?.message).toContain('the 3.8 GB that WebAssembly has room for');
    expect(problem?.remedies.length).toBeGreaterThan(0);
  });
});

describe('wantsCheckpointing', () => {
  const needs = (bytes: number): RunNeeds => ({
    memory: { weightBytes: 0, adapterBytes: 0, activationBytes: bytes, totalBytes: bytes },
    largest: { label: 'All', bytes: 1 },
  });
  const wants = (limitBytes: number | null, without: number, again: number, device = gpu): boolean =>
    wantsCheckpointing(needs(without), () => needs(again), limitsOf(device, limitBytes));

  it('is for runs that do not fit the limit: the user’s, the processor’s, or 4 GB where nothing is known', () => {
    expect([wants(1e9, 0.99e9, 0.3e9), wants(1e9, 1.01e9, 0.3e9)]).toEqual([false, true]);
    expect([wants(null, 3.9e9, 1e9), wants(null, 4.1e9, 1e9)]).toEqual([false, true]);
    expect([wants(null, 3.7e9, 1e9, processor), wants(null, 3.8e9, 1e9, processor)]).toEqual([false, true]);
    expect(wants(24e9, 12e9, 5e9)).toBe(false);
  });

  it('also where the run is too large even so, but not where next to nothing is gained', () => {
    expect([wants(null, 12e9, 5e9), wants(null, 12e9, 11e9)]).toEqual([true, false]);
    expect(wants(1e9, 1.01e9, 0.99e9)).toBe(true);
  });
});

describe('batchesOfSameEffect', () => {
  it('keeps the texts of a step', () => {
    expect(batchesOfSameEffect({ perDeviceTrainBatchSize: 6, gradientAccumulationSteps: 2 })).toEqual([
      { perDeviceTrainBatchSize: 4, gradientAccumulationSteps: 3 },
      { perDeviceTrainBatchSize: 3, gradientAccumulationSteps: 4 },
      { perDeviceTrainBatchSize: 2, gradientAccumulationSteps: 6 },
      { perDeviceTrainBatchSize: 1, gradientAccumulationSteps: 12 },
    ]);
    expect(batchesOfSameEffect({ perDeviceTrainBatchSize: 1, gradientAccumulationSteps: 8 })).toEqual([]);
  });
});
