import { beforeAll, describe, expect, it } from 'vitest';
import { defaultSettings } from '../../api/model';
import type { GenerationRequest, RunResult } from '../../api/results';
import type { TaskName, TrainingSettings } from '../../api/settings';
import { tinyLlamaFiles } from '../../testing/browserFixtures';
import { Session } from '../session';

const storages = ['float16', 'int8', 'int4'] as const;
type Storage = (typeof storages)[number] | 'float32';

const words = ['card', 'cash', 'loan'];
const csv = ['text,label', ...Array.from({ length: 24 }, (_, row) => `No ${row}: my ${words[row % 3]},${words[row % 3]}`)].join(
  '\n',
);

const settings: TrainingSettings = {
  ...defaultSettings(null, 24).settings,
  promptTemplate: '{text}? {label}',
  targetModules: ['q_proj', 'v_proj'],
  maxSteps: 4,
  perDeviceTrainBatchSize: 4,
  learningRate: 1e-2,
  warmupSteps: 0,
  evalSteps: 0,
  maxLength: 24,
};

const request: GenerationRequest = { text: 'No 5: my', maxNewTokens: 12, doSample: false, temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, seed: 0 }; // prettier-ignore

interface Visit {
  losses: number[];
  result: RunResult;
  written: { base: string; tuned: string };
}

/** The sessions of one device: a GPU's keeps its kernels from run to run. */
class Visitor {
  private readonly session = new Session();
  private readonly losses: number[] = [];

  async open(device: 'webgpu' | 'wasm'): Promise<void> {
    await this.session.connect(
      (event) => {
        if (event.kind === 'steps') this.losses.push(...event.records.map(({ loss }) => loss));
        if (event.kind === 'notice') throw new Error(event.message);
      },
      device,
      'http://localhost/',
    );
    await this.session.loadDataset({ train: new File([csv], 'bank.csv') });
    await this.session.chooseModel({ kind: 'files', files: await tinyLlamaFiles() });
  }

  async run(task: TaskName, weightStorage: Storage): Promise<Visit> {
    this.losses.length = 0;
    const result = await this.session.start({ ...settings, task, weightStorage }, 'fresh', { memoryLimitBytes: null });
    const { base, tuned } = await this.session.generate(request);
    return { losses: [...this.losses], result, written: { base: base.text, tuned: tuned.text } };
  }
}

const bounds: Record<Storage, number> = { float32: 1e-4, float16: 2e-3, int8: 1e-4, int4: 1e-4 };

describe('runs of a Llama on a graphics device, its weights held in fewer bits', () => {
  const gpu = new Visitor();
  const processor = new Visitor();
  beforeAll(async () => {
    await gpu.open('webgpu');
    await processor.open('wasm');
  });

  // The processor rounds to the same blocks and computes with float32; float16 it does not round.
  it.each([['prompt', 'int8'], ['prompt', 'int4'], ...storages.map((storage) => ['text', storage] as const)] as const)(
    'by %s with %s weights: the processor’s losses, figures and greedy words',
    async (task, storage) => {
      const expected = await processor.run(task, storage);
      const actual = await gpu.run(task, storage);
      const near = (value: number, wanted: number, name: string): void =>
        expect(Math.abs(value / wanted - 1), name).toBeLessThan(bounds[storage]);
      expect(actual.losses).toHaveLength(4);
      actual.losses.forEach((loss, step) => near(loss, expected.losses[step] ?? Number.NaN, `loss of step ${step}`));
      for (const model of ['base', 'tuned'] as const) near(actual.result[model].loss, expected.result[model].loss, model);
      expect(actual.result.tuned.loss).toBeLessThan(0.9 * actual.result.base.loss);
      expect(actual.written).toEqual(expected.written);
      expect(actual.written.tuned.length).toBeGreaterThan(0);
    },
    // A software adapter compiles some sixty kernels.
    300_000,
  );

  it('are not the same by accident: four bits move the base model’s loss', async () => {
    const [exact, coarse] = [await processor.run('text', 'float32'), await processor.run('text', 'int4')];
    expect(Math.abs(coarse.result.base.loss / exact.result.base.loss - 1)).toBeGreaterThan(10 * bounds.int4);
  });
});
