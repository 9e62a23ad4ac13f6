import { createXXHash128 } from 'hash-wasm';
import { describe, expect, it } from 'vitest';
import type { TrainerEvent } from '../../api/events';
import { defaultSettings } from '../../api/model';
import type { TrainingSettings } from '../../api/settings';
import { defaultSlices } from '../../api/slices';
import type { ClusterStart } from '../../api/trainerApi';
import { readSafetensors, type FloatTensor } from '../../files/safetensorsData';
import { readZip } from '../../files/zip';
import { readTrainingLog } from '../../lora/trainingLog';
import { nanoSession } from '../../testing/nanoSession';
import type { Session } from '../session';

const words = ['card', 'cash', 'trans"fer: é'];
const rows = Array.from({ length: 36 }, (_, row) => ({
  text: `My ${words[row % 3]?.slice(0, 4)} number ${row}\nis "late" \\ and é😀`,
  label: words[row % 3] ?? '',
}));

const plain: TrainingSettings = {
  ...defaultSettings(null, 24).settings,
  maxSteps: 3,
  perDeviceTrainBatchSize: 6,
  warmupSteps: 0,
  evalSteps: 3,
  maxLength: 24,
};

const textDecoder = new TextDecoder();

async function ready(listener: (event: TrainerEvent) => void = () => {}): Promise<Session> {
  return nanoSession(new File([JSON.stringify(rows)], 'bank.json'), listener);
}

async function filesOf(session: Session, start: ClusterStart): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const { blob, name } = await session.exportCluster(start);
  return readZip(new Uint8Array(await blob.arrayBuffer()), name);
}

const planned = (settings: TrainingSettings): ClusterStart => ({ of: 'plan', settings, from: 'fresh' });

type Files = ReadonlyMap<string, Uint8Array>;

const textOf = (files: Files, name: string): string => textDecoder.decode(files.get(name));

function tensorsOf(files: Files): Map<string, FloatTensor> {
  return readSafetensors(files.get('adapter/adapter_model.safetensors') ?? new Uint8Array()).tensors;
}

type Line = { text: string; label: string };

function linesOf(files: Files, split: string): Line[] {
  const lines = textOf(files, `data/${split}.jsonl`).split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line): Line => JSON.parse(line));
}

/** As `datasetFingerprint` makes it, from what the folder holds. */
async function fingerprintOf(files: Files, labels: readonly string[]): Promise<string> {
  const hash = await createXXHash128();
  hash.update(JSON.stringify(labels));
  for (const split of ['train', 'validation', 'test']) {
    const lines = linesOf(files, split);
    hash.update(`\0${split} ${lines.length}\0`);
    for (const { text, label } of lines) hash.update(`${text}\0${labels.indexOf(label)}\n`);
  }
  return hash.digest('hex');
}

describe('the folder for a cluster', () => {
  it('of a run that has not begun has its splits, its first adapter, its settings and the program', async () => {
    const session = await ready();
    const files = await filesOf(session, planned(plain));
    expect([...files.keys()].sort()).toEqual([
      'README.md', 'accelerate/ddp.yaml', 'accelerate/deepspeed.yaml', 'accelerate/fsdp.yaml', 'accelerate/one-gpu.yaml', 'adapter/adapter_config.json', 'adapter/adapter_model.safetensors', 'base/PUT THE MODEL HERE.txt', 'checkpoints.py',
      'data/test.jsonl', 'data/train.jsonl', 'data/validation.jsonl', 'judge.py', 'model.py', 'requirements.txt', 'rows.py', 'run.json', 'train.py', 'train.slurm',
    ]); // prettier-ignore
    const run: unknown = JSON.parse(textOf(files, 'run.json'));
    const labels = [...words].sort();
    expect(run).toMatchObject({
      format: 'tunelet run 1',
      task: 'head',
      labels,
      pad_token_id: 0,
      end_of_text_id: 0,
      max_length: 24,
      base: { source: 'files', folder: 'base', gguf_file: null, revision: null },
      settings: {
        max_steps: 3,
        per_device_train_batch_size: 6,
        learning_rate: plain.learningRate,
        seed: 42,
        r: 8,
        eval_steps: 3,
      },
      class_weights: null,
      adapter: 'initial',
      data: { split: { train: linesOf(files, 'train').length }, fingerprint: await fingerprintOf(files, labels) },
    });
    const all = ['train', 'validation', 'test'].flatMap((split) => linesOf(files, split));
    expect(new Set(all.map(({ text, label }) => `${text} ${label}`))).toEqual(
      new Set(rows.map(({ text, label }) => `${text} ${label}`)),
    );
    expect(textOf(files, 'requirements.txt').trim().split('\n')).toEqual([
      expect.stringMatching(/^accelerate==1\.15\.0$/),
      expect.stringMatching(/^peft==0\.21\.2$/),
      expect.stringMatching(/^safetensors==/),
      expect.stringMatching(/^tensorboard==/),
      expect.stringMatching(/^torch==2\.13\.0$/),
      expect.stringMatching(/^transformers==5\.23\.0$/),
    ]);
    expect(textOf(files, 'README.md')).toContain('accelerate launch train.py');
  });

  it('starts as the tab does, and after a run from its beginning or its end', async () => {
    const session = await ready();
    const before = await filesOf(session, planned(plain));
    await session.start(plain, 'fresh', { memoryLimitBytes: null });
    const initial = await filesOf(session, { of: 'result', adapter: 'initial' });
    const tuned = await filesOf(session, { of: 'result', adapter: 'tuned' });
    expect(tensorsOf(initial)).toEqual(tensorsOf(before));
    const { blob, name } = await session.exportAdapter(defaultSlices);
    const adapter = readZip(new Uint8Array(await blob.arrayBuffer()), name);
    const own = readSafetensors(adapter.get('adapter_model.safetensors') ?? new Uint8Array()).tensors;
    expect(tensorsOf(tuned)).toEqual(own);
    expect(tensorsOf(tuned)).not.toEqual(tensorsOf(initial));
    expect(tuned.get('adapter/adapter_config.json')).toEqual(adapter.get('adapter_config.json'));
    for (const [tensor, { values }] of tensorsOf(initial))
      expect(
        values.some((value) => value !== 0),
        tensor,
      ).toBe(!tensor.includes('lora_B'));
  }, 60_000);

  it('of a kept run is the one that its run gave, once its data are loaded again, however they are prepared now', async () => {
    const session = await ready();
    await session.splitDataset({ seed: 7, testShare: 0.2 });
    await session.start(plain, 'fresh', { memoryLimitBytes: null });
    const before = {
      initial: await filesOf(session, { of: 'result', adapter: 'initial' }),
      tuned: await filesOf(session, { of: 'result', adapter: 'tuned' }),
    };
    const { runs } = await session.listRuns();
    const id = runs[0]?.id ?? '';
    await session.splitDataset({ seed: 8, testShare: 0.1 });
    await session.openRun(id);
    for (const adapter of ['initial', 'tuned'] as const) {
      const after = await filesOf(session, { of: 'result', adapter });
      expect([...after.keys()]).toEqual([...before[adapter].keys()]);
      for (const [name, bytes] of before[adapter])
        expect(textDecoder.decode(after.get(name)), name).toBe(textDecoder.decode(bytes));
    }
    // The same number of rows, one of them changed.
    const others = rows.map((row, at) => (at === 5 ? { ...row, text: 'Another text' } : row));
    await session.loadDataset({ train: new File([JSON.stringify(others)], 'others.json') });
    await expect(session.exportCluster({ of: 'result', adapter: 'tuned' })).rejects.toMatchObject({
      code: 'run/not-ready',
      message: expect.stringMatching(/learned from bank\.json: 36 rows.*What is loaded now, others\.json, has other rows/),
      remedy: expect.stringContaining('Load bank.json on Prepare once more'),
    });
    await session.loadDataset({ train: new File(['question,answer\nWhy?,So\nHow?,No\n'], 'faq.csv') }).catch(() => null);
    await expect(session.exportCluster({ of: 'result', adapter: 'initial' })).rejects.toMatchObject({ code: 'run/not-ready' });
    // The file of the run, whatever it is called.
    await session.loadDataset({ train: new File([JSON.stringify(rows)], 'renamed.json') });
    expect(tensorsOf(await filesOf(session, { of: 'result', adapter: 'tuned' }))).toEqual(tensorsOf(before.tuned));
  }, 60_000);

  it('of a kept run that went on from another begins with the other’s adapter, while that is kept', async () => {
    const session = await ready();
    await session.start(plain, 'fresh', { memoryLimitBytes: null });
    const first = (await session.listRuns()).runs[0]?.id ?? '';
    const learnt = tensorsOf(await filesOf(session, { of: 'result', adapter: 'tuned' }));
    await session.continueFrom(first);
    await session.start(plain, 'adapter', { memoryLimitBytes: null });
    const { runs } = await session.listRuns();
    await session.openRun(runs[0]?.id ?? '');
    const files = await filesOf(session, { of: 'result', adapter: 'initial' });
    expect(tensorsOf(files)).toEqual(learnt);
    expect(JSON.parse(textOf(files, 'run.json'))).toMatchObject({ adapter: 'imported' });
    await session.deleteRun(first);
    await expect(session.exportCluster({ of: 'result', adapter: 'initial' })).rejects.toMatchObject({
      remedy: expect.stringContaining('From this adapter'),
    });
    await session.exportCluster({ of: 'result', adapter: 'tuned' });
  }, 60_000);

  it('tells how much of it is packed, and stops when it is asked to', async () => {
    const events: TrainerEvent[] = [];
    const session = await ready((event) => events.push(event));
    const { blob } = await session.exportCluster(planned(plain));
    const told = events.filter((event) => event.kind === 'export-progress');
    const last = told.at(-1);
    expect(last?.doneBytes).toBe(last?.totalBytes);
    expect(last?.doneBytes).toBeGreaterThan(blob.size / 2);
    const packing = session.exportCluster(planned(plain));
    await session.cancelExport();
    await expect(packing).rejects.toMatchObject({ code: 'export/cancelled' });
    await session.exportCluster(planned(plain));
  });

  it('hears while rows are packed that it is to stop', async () => {
    let isHeard = false;
    const session = await ready(({ kind }) => {
      // As a message comes: when what is under way gives way.
      if (kind !== 'export-progress') return;
      setTimeout(() => {
        isHeard = true;
        void session.cancelExport();
      });
    });
    const many = Array.from({ length: 30_000 }, (_, row) => `${words[row % 2]} ${row} ${'late '.repeat(40)},${words[row % 2]}`);
    await session.loadDataset({ train: new File([['text,label', ...many].join('\n')], 'many.csv') });
    await expect(session.exportCluster(planned({ ...plain, task: 'text' }))).rejects.toMatchObject({ code: 'export/cancelled' });
    expect(isHeard).toBe(true);
  }, 60_000);

  it('takes what hangs on the base from the base', async () => {
    const session = await ready();
    const tensors = tensorsOf(await filesOf(session, planned({ ...plain, useDora: true, modulesToSave: ['ln_f'] })));
    const magnitudes = [...tensors].filter(([name]) => name.endsWith('lora_magnitude_vector'));
    expect(magnitudes).toHaveLength(4);
    for (const [, { values }] of magnitudes) expect(Math.min(...values)).toBeGreaterThan(0.1);
    expect([...tensors.keys()].filter((name) => name.includes('ln_f')).sort()).toEqual([
      'base_model.model.transformer.ln_f.bias',
      'base_model.model.transformer.ln_f.weight',
    ]);
  }, 60_000);

  it('tells the task, and what classes weigh', async () => {
    const session = await ready();
    const weighted = await filesOf(session, planned({ ...plain, classWeights: 'balanced' }));
    const { class_weights: weights }: { class_weights: number[] } = JSON.parse(textOf(weighted, 'run.json'));
    expect(weights).toHaveLength(3);
    const prompt = await filesOf(session, planned({ ...plain, task: 'prompt', maxLength: 96, labelWords: { cash: 'money' } }));
    expect(JSON.parse(textOf(prompt, 'run.json'))).toMatchObject({
      task: 'prompt',
      settings: { label_words: { cash: 'money' }, prompt_template: plain.promptTemplate },
    });
    expect(JSON.parse(textOf(prompt, 'adapter/adapter_config.json'))).toMatchObject({
      task_type: 'CAUSAL_LM',
      modules_to_save: null,
    });
    const text = await filesOf(session, planned({ ...plain, task: 'text' }));
    expect(linesOf(text, 'train')[0]).toEqual({ text: expect.any(String) });
    expect(JSON.parse(textOf(text, 'run.json'))).toMatchObject({ task: 'text', labels: [] });
  }, 60_000);

  it('of what cannot be trained is refused as a run is, with what to do', async () => {
    const session = await ready();
    await expect(session.exportCluster(planned({ ...plain, targetModules: ['no_such_module'] }))).rejects.toMatchObject({
      code: 'settings/invalid',
      details: { setting: 'targetModules' },
    });
    await session
      .loadDataset({ train: new File([rows.map(({ text }) => JSON.stringify({ text })).join('\n')], 'texts.jsonl') })
      .catch(() => null);
    await session.mapColumns({ text: 'text', label: '' });
    await expect(session.exportCluster(planned(plain))).rejects.toMatchObject({
      code: 'data/no-label-column',
      remedy: 'Choose the task “text”, which needs none, or data with labels.',
    });
    const text = await filesOf(session, planned({ ...plain, task: 'text' }));
    expect(linesOf(text, 'train')[0]).toEqual({ text: expect.any(String) });
  });

  it('says of a base that is held rounded that elsewhere it is not', async () => {
    const session = await ready();
    const readme = async (weightStorage: TrainingSettings['weightStorage']): Promise<string> =>
      textOf(await filesOf(session, planned({ ...plain, weightStorage })), 'README.md');
    expect(await readme('int8')).toContain('The tab held the frozen weights as `int8`; here they are not rounded');
    expect(await readme('float32')).not.toContain('rounded');
    expect(await readme('float32')).toContain('First put the files of');
  });

  it('has a run.json that reads as the log beside an adapter', async () => {
    const session = await ready();
    const log = readTrainingLog(textOf(await filesOf(session, planned(plain)), 'run.json'));
    expect(log).toMatchObject({ labels: [...words].sort(), maxLength: 24, padTokenId: 0, trainedOn: 'bank.json' });
  });

  it('says in each of its programs no more than a screen is wide', async () => {
    const files = await filesOf(await ready(), planned(plain));
    for (const name of ['train.py', 'model.py', 'rows.py', 'judge.py', 'checkpoints.py'])
      expect(
        Math.max(
          ...textOf(files, name)
            .split('\n')
            .map((line) => line.length),
        ),
        name,
      ).toBeLessThanOrEqual(130);
  });
});
