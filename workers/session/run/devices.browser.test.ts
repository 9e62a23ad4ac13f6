import { describe, expect, it } from 'vitest';
import type { TrainerEvent } from '../../api/events';
import type { TrainingSettings } from '../../api/settings';
import { tinyLlamaFiles } from '../../testing/browserFixtures';
import { filmTable } from '../../testing/films';
import { Session } from '../session';

const settings: TrainingSettings = {
  labelWords: {},
  predictWithGenerate: true,
  maxNewTokens: 0,
  layersToTransform: [],
  task: 'head', systemText: '', promptTemplate: '', useChatFormat: true,
  learningRate: 1e-3, numTrainEpochs: 1, maxSteps: 2, perDeviceTrainBatchSize: 4, gradientAccumulationSteps: 1,
  warmupSteps: 0, lrSchedulerType: 'linear', weightDecay: 0, maxGradNorm: 1, seed: 1, saveSteps: 20,
  evalSteps: 2, r: 4, loraAlpha: 8,
  loraDropout: 0, targetModules: ['down_proj'], modulesToSave: [], useRslora: false, useDora: false, maxLength: 16, weightStorage: 'float16', fp16: false,
  gradientCheckpointing: false, classWeights: 'none',
}; // prettier-ignore

class Visit {
  readonly events: { event: TrainerEvent; atMs: number }[] = [];
  readonly session = new Session();

  async open(): Promise<void> {
    const listener = (event: TrainerEvent): void => void this.events.push({ event, atMs: performance.now() });
    await this.session.connect(listener, 'webgpu', `${location.origin}/`);
    await this.session.loadDataset({ train: filmTable(3) });
    await this.session.chooseModel({ kind: 'files', files: await tinyLlamaFiles(1) });
  }

  async run(change: Partial<TrainingSettings> = {}): Promise<{ firstStepMs: number; compiled: number; loss: number[] }> {
    this.events.length = 0;
    const start = performance.now();
    await this.session.start({ ...settings, ...change }, 'fresh', { memoryLimitBytes: null });
    const first = this.events.find(({ event }) => event.kind === 'steps' && event.records.length > 0);
    const loss = this.events.flatMap(({ event }) => (event.kind === 'steps' ? event.records.map((record) => record.loss) : []));
    return { firstStepMs: (first?.atMs ?? Infinity) - start, compiled: this.of('compile-progress').length, loss };
  }

  of<K extends TrainerEvent['kind']>(kind: K): Extract<TrainerEvent, { kind: K }>[] {
    return this.events
      .map(({ event }) => event)
      .filter((event): event is Extract<TrainerEvent, { kind: K }> => event.kind === kind);
  }
}

describe('a session on a graphics device', () => {
  it('says how far compiling is, and compiles nothing for a second run, nor for another model of the same shape', async () => {
    const visit = new Visit();
    await visit.open();
    const first = await visit.run();
    const progress = visit.of('compile-progress').at(-1);
    expect(progress?.total).toBeGreaterThan(15);
    expect(progress?.done).toBe(progress?.total);
    expect(visit.of('notice')).toEqual([]);
    expect(first.loss).toHaveLength(2);

    const second = await visit.run();
    expect(second.compiled).toBe(0);
    expect(visit.of('model-progress')).toEqual([]);
    expect(second.loss).toEqual(first.loss);

    await visit.session.chooseModel({ kind: 'files', files: await tinyLlamaFiles(1) });
    const other = await visit.run();
    expect(other.compiled).toBe(0);
    expect(visit.of('model-progress').length).toBeGreaterThan(0);
    expect(other.loss).toEqual(first.loss);
    console.log(
      `start to first step: ${first.firstStepMs.toFixed(0)} ms, second run ${second.firstStepMs.toFixed(0)} ms, ` +
        `model read again ${other.firstStepMs.toFixed(0)} ms`,
    );
  });
});
