import { describe, expect, it } from 'vitest';
import { fromFloat16Array, toFloat16Array } from '../../api/float16';
import { defaultSettings } from '../../api/model';
import type { TrainingSettings } from '../../api/settings';
import { defaultSlices } from '../../api/slices';
import { readSafetensors, type FloatTensor } from '../../files/safetensorsData';
import { readZip } from '../../files/zip';
import { nanoFiles, nanoFilesOfOtherNumbers, nanoWeights } from '../../testing/nanoFiles';
import { nanoSession } from '../../testing/nanoSession';
import { Session } from '../session';

const words = ['card', 'cash', 'trans"fer: é'];
const csv = [
  'text,label',
  ...Array.from(
    { length: 36 },
    (_, row) => `My ${words[row % 3]?.slice(0, 4)} number ${row} did not arrive,"${words[row % 3]?.replaceAll('"', '""')}"`,
  ),
].join('\n');

const plain: TrainingSettings = {
  ...defaultSettings(null, 24).settings,
  maxSteps: 3,
  perDeviceTrainBatchSize: 6,
  warmupSteps: 0,
  evalSteps: 3,
  maxLength: 24,
};

async function trained(settings: TrainingSettings): Promise<Session> {
  const session = await nanoSession(new File([csv], 'bank.csv'));
  await session.start(settings, 'fresh', { memoryLimitBytes: null });
  return session;
}

async function mergedFiles(session: Session, type: 'float16' | 'float32'): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const archive = await session.exportMerged({ type, file: null }, defaultSlices);
  return readZip(new Uint8Array(await archive!.blob.arrayBuffer()), archive!.name);
}

async function adapterOf(session: Session): Promise<Map<string, FloatTensor>> {
  const { blob, name } = await session.exportAdapter(defaultSlices);
  const files = readZip(new Uint8Array(await blob.arrayBuffer()), name);
  return readSafetensors(files.get('adapter_model.safetensors') ?? new Uint8Array()).tensors;
}

const base = readSafetensors(nanoWeights()).tensors;

/** W + s (B A) turned to [in, out], by the definition, and with magnitudes each column at its length. */
function expectedWeight(module: string, adapter: Map<string, FloatTensor>, scaling: number): Float64Array {
  const of = (part: string): FloatTensor => adapter.get(`base_model.model.transformer.${module}.${part}`)!;
  const { values: weight, shape: [inputs = 0, outputs = 0] } = baseTensor(`${module}.weight`); // prettier-ignore
  const [a, b] = [of('lora_A.weight').values, of('lora_B.weight').values];
  const rank = b.length / outputs;
  const sum = new Float64Array(weight.length);
  for (let input = 0; input < inputs; input++) {
    for (let output = 0; output < outputs; output++) {
      let product = 0;
      for (let k = 0; k < rank; k++) product += b[output * rank + k]! * a[k * inputs + input]!;
      sum[input * outputs + output] = weight[input * outputs + output]! + scaling * product;
    }
  }
  const magnitude = adapter.get(`base_model.model.transformer.${module}.lora_magnitude_vector`)?.values;
  if (!magnitude) return sum;
  for (let output = 0; output < outputs; output++) {
    let square = 0;
    for (let input = 0; input < inputs; input++) square += sum[input * outputs + output]! ** 2;
    for (let input = 0; input < inputs; input++) sum[input * outputs + output]! *= magnitude[output]! / Math.sqrt(square);
  }
  return sum;
}

function baseTensor(name: string): FloatTensor {
  return base.get(name) ?? base.get(`transformer.${name}`)!;
}

function farthest(actual: Float32Array, expected: ArrayLike<number>): number {
  return actual.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at]!)), 0);
}

/** Bit for bit. Millions of numbers, which an assertion would look at one by one. */
function isSame(actual: ArrayBufferView | undefined, expected: ArrayBufferView | undefined): boolean {
  const [left, right] = [actual, expected].map((view) => view && new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return left !== undefined && right !== undefined && Buffer.compare(left, right) === 0;
}

const variants: [string, Partial<TrainingSettings>, number][] = [
  ['LoRA', { r: 4, loraAlpha: 12 }, 3],
  ['rank-stabilised LoRA in some layers', { r: 4, loraAlpha: 12, useRslora: true, layersToTransform: [1, 2] }, 6],
  ['DoRA', { r: 4, loraAlpha: 12, useDora: true, targetModules: ['c_attn', 'c_proj'] }, 3],
];

describe('a merged classifier', () => {
  it.each(variants)('of %s is base plus adapter, number by number', async (_, settings, scaling) => {
    const session = await trained({ ...plain, ...settings });
    const adapter = await adapterOf(session);
    const files = await mergedFiles(session, 'float32');
    const { tensors, header } = readSafetensors(files.get('model.safetensors') ?? new Uint8Array());
    expect(header.metadata.get('format')).toBe('pt');
    expect(tensors.size).toBe(base.size + 1);
    let changed = 0;
    for (const [name, { values, shape }] of tensors) {
      if (name === 'score.weight') {
        expect(shape).toEqual([3, 256]);
        expect(values).toEqual(adapter.get('base_model.model.score.weight')?.values);
        continue;
      }
      const module = name.replace(/^transformer\./, '').replace(/\.weight$/, '');
      const isAdapted = adapter.has(`base_model.model.transformer.${module}.lora_A.weight`);
      const own = baseTensor(name.replace(/^transformer\./, ''));
      expect(shape).toEqual(own.shape);
      if (isAdapted) {
        changed += 1;
        expect(isSame(values, own.values), name).toBe(false);
        expect(farthest(values, expectedWeight(module, adapter, scaling))).toBeLessThan(1e-6);
      } else expect(isSame(values, own.values), name).toBe(true);
    }
    expect(changed).toBe([...adapter.keys()].filter((name) => name.endsWith('lora_A.weight')).length);
  }, 60_000); // prettier-ignore

  it('says in config.json how it loads, and takes modules that were trained as a whole', async () => {
    const session = await trained({ ...plain, modulesToSave: ['ln_f'] });
    const adapter = await adapterOf(session);
    const files = await mergedFiles(session, 'float16');
    expect([...files.keys()].sort()).toEqual(['README.md', 'config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']); // prettier-ignore
    const text = (name: string): string => new TextDecoder().decode(files.get(name));
    const config: unknown = JSON.parse(text('config.json'));
    expect(config).toMatchObject({
      architectures: ['GPT2ForSequenceClassification'],
      model_type: 'gpt2',
      dtype: 'float16',
      num_labels: 3,
      id2label: { 0: 'card', 1: 'cash', 2: 'trans"fer: é' },
      label2id: { card: 0, cash: 1, 'trans"fer: é': 2 },
      pad_token_id: expect.any(Number),
    });
    expect(text('README.md')).toContain('library_name: transformers');
    expect(text('README.md')).toContain('pipeline("text-classification", model_path)');
    expect(text('README.md')).not.toContain('PeftModel');
    const { tensors, header } = readSafetensors(files.get('model.safetensors') ?? new Uint8Array());
    expect(new Set(header.tensors.map(({ dtype }) => dtype))).toEqual(new Set(['F16']));
    const norm = adapter.get('base_model.model.transformer.ln_f.weight')?.values ?? new Float32Array();
    expect(tensors.get('transformer.ln_f.weight')?.values).toEqual(fromFloat16Array(toFloat16Array(norm)));
  }, 60_000);

  it.each([
    ['a classifier', {}],
    ['a model by prompt', { task: 'prompt', promptTemplate: '{text}. It is about the {label}', maxLength: 40 }],
  ] satisfies [string, Partial<TrainingSettings>][])(
    'of %s is the same once the run is opened again, without its dataset',
    async (_, settings) => {
      const session = await trained({ ...plain, modulesToSave: ['ln_f'], ...settings });
      const files = await mergedFiles(session, 'float32');
      const { runs } = await session.listRuns();
      const later = new Session();
      await later.connect(() => {}, 'wasm', 'http://localhost/');
      await later.importRuns(new File([(await session.exportRuns(runs.map(({ id }) => id))).blob], 'runs.zip'));
      await later.openRun(runs[0]?.id ?? '');
      const anyway = later.exportMerged({ type: 'float32', file: null }, defaultSlices);
      await expect(anyway).rejects.toMatchObject({ code: 'run/not-ready', remedy: expect.stringContaining('Choose') });
      await later.chooseModel({ kind: 'files', files: nanoFilesOfOtherNumbers() });
      await expect(later.exportMerged({ type: 'float32', file: null }, defaultSlices)).rejects.toMatchObject({
        message: expect.stringContaining('other weights'),
      });
      await later.chooseModel({ kind: 'files', files: nanoFiles });
      const again = await mergedFiles(later, 'float32');
      expect([...again.keys()]).toEqual([...files.keys()]);
      for (const [name, bytes] of files) expect(isSame(bytes, again.get(name)), name).toBe(true);
    },
    60_000,
  );

  it('can be stopped, and is then written anew', async () => {
    const session = await trained(plain);
    const writing = session.exportMerged({ type: 'float32', file: null }, defaultSlices);
    await expect(session.exportMerged({ type: 'float32', file: null }, defaultSlices)).rejects.toMatchObject({
      code: 'session/busy',
    });
    await session.cancelExport();
    await expect(writing).rejects.toMatchObject({ code: 'export/cancelled' });
    expect((await mergedFiles(session, 'float32')).has('model.safetensors')).toBe(true);
  }, 60_000);
});
