import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { TuneletError } from '../../api/errors';
import { defaultSettings } from '../../api/model';
import type { TrainingSettings } from '../../api/settings';
import { defaultSlices } from '../../api/slices';
import { adapterZip, beside, hostileGguf, hostileSafetensors, type Hostile, type SoundModel } from '../../testing/hostileModels';
import { Session } from '../session';

type Bytes = Uint8Array<ArrayBuffer>;

const read = (path: string): Bytes =>
  new Uint8Array(readFileSync(new URL(`../../testing/fixtures/reference/${path}`, import.meta.url)));
const sound: SoundModel = {
  config: read('llama-tiny-lm/config.json'),
  weights: read('llama-tiny-lm/model.safetensors'),
  gguf: read('quant/llama-tiny-lm.Q4_0.gguf'),
};
const soundFiles = (): Map<string, Bytes | string> => beside(sound).set('model.safetensors', sound.weights);
const asFiles = (files: ReadonlyMap<string, Bytes | string>): File[] =>
  [...files].map(([name, content]) => new File([content], name));

const labels = ['<img src=x onerror=alert(1)>', '</script><b>cash</b>'];
const csv = ['text,label', ...Array.from({ length: 24 }, (_, row) => `No ${row}: my ${['card', 'cash'][row % 2]},${labels[row % 2]}`)].join('\n'); // prettier-ignore
const settings: TrainingSettings = {
  ...defaultSettings(null, 24).settings,
  targetModules: ['q_proj', 'v_proj'],
  maxSteps: 2,
  perDeviceTrainBatchSize: 4,
  warmupSteps: 0,
  evalSteps: 0,
  maxLength: 24,
};
const grants = { memoryLimitBytes: null };

let session: Session;
let zip: Bytes;
/** What the session plans with the model and the dataset that were chosen first. */
let plannedFirst: object;

beforeAll(async () => {
  session = new Session();
  await session.connect(() => {}, 'wasm', 'http://localhost/');
  await session.loadDataset({ train: new File([csv], 'bank.csv') });
  await session.chooseModel({ kind: 'files', files: asFiles(soundFiles()) });
  await session.start(settings, 'fresh', grants);
  zip = new Uint8Array(await (await session.exportAdapter(defaultSlices)).blob.arrayBuffer());
  await session.importAdapter([new File([zip], 'adapter.zip')]);
  plannedFirst = await session.planRun(settings, grants);
}, 60_000);

/** Tries something hostile: it must fail by name in less than two seconds, and leave model, dataset and adapter as they were. */
async function refused(act: () => Promise<unknown>): Promise<TuneletError> {
  const start = performance.now();
  const error: unknown = await act().then(
    () => new Error('It was accepted.'),
    (thrown: unknown) => thrown,
  );
  expect(performance.now() - start).toBeLessThan(2000);
  if (!(error instanceof TuneletError)) throw error;
  expect(error.message.length).toBeLessThan(1000);
  expect(error.remedy).not.toBe('');
  await expectUntouched();
  return error;
}

async function expectUntouched(): Promise<void> {
  expect(await session.planRun(settings, grants)).toEqual(plannedFirst);
  expect((await session.nameLabels([...labels].sort())).labels).toEqual([...labels].sort());
}

function refusesAll(table: Record<string, Hostile>): void {
  test.each(Object.entries(table))('%s', async (_, { files, code, words }) => {
    const made = asFiles(files());
    const error = await refused(async () => session.chooseModel({ kind: 'files', files: made }));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)]);
  });
}

describe('safetensors', () => refusesAll(hostileSafetensors(sound)));
describe('GGUF', () => refusesAll(hostileGguf(sound)));

describe('configuration', () => {
  const config: object = JSON.parse(new TextDecoder().decode(sound.config));
  const withText = (text: string, words: string, code = 'model/bad-config'): Hostile => ({
    files: () => soundFiles().set('config.json', text),
    code,
    words,
  });
  const having = (change: object, words: string, code?: string) =>
    withText(JSON.stringify({ ...config, ...change }), words, code);
  refusesAll({
    'a million layers': having({ num_hidden_layers: 1e6 }, 'num_hidden_layers is 1000000; it must be a whole number from 1 to 512'),
    'heads that do not divide the width': having({ num_attention_heads: 5, num_key_value_heads: 5, head_dim: null }, 'head_dim is 12.8'),
    'key heads that do not divide heads': having({ num_key_value_heads: 3 }, 'does not divide evenly'),
    'GPT-2 heads that do not divide the width': withText('{"model_type":"gpt2","n_embd":64,"n_head":5,"n_layer":2,"n_positions":64,"vocab_size":259}', 'do not divide evenly'),
    'a width of 2^40': having({ hidden_size: 2 ** 40 }, 'hidden_size is 1099511627776'),
    'layers less than none': having({ num_hidden_layers: -1 }, 'num_hidden_layers is -1'),
    'a text for a number': having({ hidden_size: 'sixty-four' }, 'hidden_size is sixty-four'),
    'nested without end': withText(`{"hidden_size":${'['.repeat(500_000)}`, 'nested more than 64 levels deep'),
    'not JSON': withText('{"hidden_size":', 'is not JSON'),
    'another prototype': withText('{"model_type":"__proto__"}', '__proto__', 'model/unsupported'),
    'more than a megabyte': withText(' '.repeat(2 ** 20 + 1), 'has more than 1048576 bytes', 'model/too-large'),
  }); // prettier-ignore
});

describe('tokenizer and template', () => {
  const tokenizer: { model: { vocab: Record<string, number>; merges: string[] } } = JSON.parse(
    String(beside(sound).get('tokenizer.json')),
  );
  const { model } = tokenizer;
  const having = (change: object, words: string): Hostile => ({
    files: () => soundFiles().set('tokenizer.json', JSON.stringify({ ...tokenizer, ...change })),
    code: 'model/bad-tokenizer',
    words,
  });
  const withTemplate = (template: string, words: string): Hostile => ({
    files: () => soundFiles().set('tokenizer_config.json', JSON.stringify({ eos_token: '</s>', chat_template: template })),
    code: 'model/bad-tokenizer',
    words,
  });
  refusesAll({
    'a regex that backtracks for ever': having({ pre_tokenizer: { type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Isolated' } }, 'no known tokenizer has'),
    'an id out of range': having({ model: { ...model, vocab: { ...model.vocab, a: 2 ** 32 } } }, 'the id 4294967296'),
    'an id beyond the model': having({ model: { ...model, vocab: { ...model.vocab, zz: 5000 } } }, 'has 5001 tokens, but the model’s vocabulary has 259'),
    'an id twice': having({ model: { ...model, vocab: { ...model.vocab, zz: 97 } } }, 'both have the id 97'),
    'merges of unknown tokens': having({ model: { ...model, merges: ['nowhere else'] } }, 'needs the token “nowhere”'),
    'a template that counts to a thousand million': withTemplate('{% for i in range(10**9) %}x{% endfor %}', 'counts to 1000000000'),
    'a template that loops in loops': withTemplate('{% for i in range(1999) %}{% for i in range(1999) %}x{% endfor %}{% endfor %}', 'loops longer'),
    'a template whose text doubles': withTemplate("{% set s = namespace(t='ab') %}{% for i in range(60) %}{% set s.t = s.t ~ s.t %}{% endfor %}", 'more than'),
  }); // prettier-ignore

  test('a template that only refuses, or is none, leaves the model usable without it', async () => {
    for (const template of ["{{ raise_exception('never') }}", '{% for %}']) {
      const chosen = await session.chooseModel({ kind: 'files', files: asFiles(withTemplate(template, '').files()) });
      expect(chosen.hasChatFormat).toBe(true);
    }
    await session.chooseModel({ kind: 'files', files: asFiles(soundFiles()) });
    await session.importAdapter([new File([zip], 'adapter.zip')]);
    await expectUntouched();
  });
});

describe('adapters', () => {
  const module = 'base_model.model.model.layers.0.self_attn.q_proj';
  const edited = (change: object) => (text: string) => JSON.stringify({ ...JSON.parse(text), ...change });
  const cases: Record<string, [make: () => File[], code: string, words: string]> = {
    'wrong shapes': [() => zipped({ tensors: (all) => all.set(`${module}.lora_A.weight`, { shape: [8, 65], values: new Float32Array(520) }) }), 'adapter/does-not-fit', 'lora_A.weight is [8, 65]'],
    'a rank that disagrees': [() => zipped({ config: edited({ r: 3 }) }), 'adapter/does-not-fit', 'says r 3, but'],
    'a rank of 2^40': [() => zipped({ config: edited({ r: 2 ** 40 }) }), 'adapter/bad-archive', 'r is 1099511627776'],
    'alpha NaN': [() => zipped({ config: (text) => text.replace(/"lora_alpha": \d+/, '"lora_alpha": NaN') }), 'adapter/bad-archive', 'lora_alpha is NaN'],
    'alpha infinite': [() => zipped({ config: (text) => text.replace(/"lora_alpha": \d+/, '"lora_alpha": 1e999') }), 'adapter/bad-archive', 'lora_alpha is'],
    'alpha null and below': [() => zipped({ config: edited({ lora_alpha: -1 }) }), 'adapter/bad-archive', 'lora_alpha is -1'],
    'values that are NaN': [() => zipped({ tensors: (all) => all.get(`${module}.lora_B.weight`)!.values.fill(NaN) }), 'adapter/bad-archive', 'no numbers'],
    'half a pair': [() => zipped({ tensors: (all) => all.delete(`${module}.lora_B.weight`) }), 'adapter/does-not-fit', 'lora_B.weight is missing'],
    'a tensor named __proto__': [() => zipped({ tensors: (all) => all.set('__proto__', { shape: [1], values: new Float32Array(1) }) }), 'adapter/bad-archive', '__proto__'],
    'a name that leads out of the folder': [() => zipped({ files: (files) => files.set('../../etc/passwd', new Uint8Array(3)) }), 'adapter/bad-archive', '“../../etc/passwd”, which leads out of the folder'],
    'a pickle in the zip': [() => zipped({ files: (files) => { files.set('adapter_model.bin', files.get('adapter_model.safetensors')!); files.delete('adapter_model.safetensors'); } }), 'adapter/missing-file', 'no adapter_model.safetensors'],
    'a pickle alone': [() => [new File(['\x80\x02}q'], 'adapter_model.bin')], 'adapter/missing-file', 'adapter_model.bin'],
    'a configuration nested without end': [() => zipped({ config: () => `{"r":${'['.repeat(500_000)}` }), 'adapter/bad-archive', 'adapter_config.json'],
    'an expression that backtracks for ever': [() => zipped({ config: edited({ target_modules: '(.*)*(.*)*(.*)*x' }) }), 'adapter/does-not-fit', 'says that it adapts (.*)*(.*)*(.*)*x'],
    'labels of another head': [() => zipped({ log: edited({ labels: ['<b>one</b>'] }) }), 'adapter/does-not-fit', 'names 1 labels'],
    'a megabyte of settings': [() => zipped({ config: () => ' '.repeat(33 << 20) }), 'adapter/bad-archive', 'adapter_config.json has'],
  }; // prettier-ignore
  const zipped = (change: Parameters<typeof adapterZip>[1]) => [new File([adapterZip(zip, change)], 'hostile.zip')];

  test.each(Object.entries(cases))('%s', async (_, [make, code, words]) => {
    const files = make();
    const error = await refused(async () => session.importAdapter(files));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)]);
    if (/pickle/.test(_)) expect(error.remedy).toContain('pickle');
  });

  test('markup in names of labels and in a card is text, and stays text in what is written', async () => {
    const summary = await session.importAdapter(
      zipped({ files: (files) => files.set('README.md', new TextEncoder().encode('<script>alert(1)</script>')) }),
    );
    expect([...summary.labels].sort()).toEqual([...labels].sort());
    const card = new TextDecoder().decode(new Uint8Array(zip));
    // In the card they stand in code spans.
    expect(card).toContain('`<img src=x onerror=alert(1)>`');
    expect(card).not.toMatch(/^[^`\n]*<script/m);
  });
});

describe('changed bytes end in a model or a TuneletError, soon (property)', () => {
  const change = (length: number, begin: number) =>
    fc.array(
      fc.record({
        at: fc.oneof(fc.nat(Math.min(length, begin) - 1), fc.nat(length - 1)),
        byte: fc.oneof(fc.constantFrom(...new TextEncoder().encode('0123456789{}[]",:-e')), fc.nat(255)),
      }),
      { minLength: 1, maxLength: 4 },
    );

  async function holds(bytes: Bytes, begin: number, runs: number, act: (changed: Bytes) => Promise<unknown>): Promise<void> {
    await fc.assert(
      fc.asyncProperty(change(bytes.length, begin), async (changes) => {
        const file = bytes.slice();
        for (const { at, byte } of changes) file[at] = byte;
        const start = performance.now();
        const error: unknown = await act(file).catch((thrown: unknown) => thrown);
        expect(performance.now() - start).toBeLessThan(2000);
        if (error instanceof Error && !(error instanceof TuneletError)) throw error;
      }),
      { numRuns: runs },
    );
  }
  const choose = async (files: Map<string, Bytes | string>) => session.chooseModel({ kind: 'files', files: asFiles(files) });

  test('config.json', async () => holds(sound.config, 700, 150, async (bytes) => choose(soundFiles().set('config.json', bytes))));
  test('model.safetensors', async () =>
    holds(sound.weights, 2000, 150, async (bytes) => choose(soundFiles().set('model.safetensors', bytes))));
  test('a GGUF file', async () => holds(sound.gguf, 6666, 150, async (bytes) => choose(new Map([['tiny.gguf', bytes]]))));
  test('an adapter’s zip', async () => {
    await session.chooseModel({ kind: 'files', files: asFiles(soundFiles()) });
    await holds(zip, zip.length, 150, async (bytes) => session.importAdapter([new File([bytes], 'adapter.zip')]));
  });
  test.each(['adapter_config.json', 'training_log.json', 'adapter_model.safetensors'])('%s in a sound zip', async (name) => {
    let own = new Uint8Array();
    adapterZip(zip, { files: (files) => (own = files.get(name)!) });
    await holds(own, 900, 100, async (bytes) =>
      session.importAdapter([new File([adapterZip(zip, { files: (files) => files.set(name, bytes) })], 'adapter.zip')]),
    );
  });
});

test('after all of it a run trains with the model and the dataset that were there', async () => {
  await session.chooseModel({ kind: 'files', files: asFiles(soundFiles()) });
  expect(await session.planRun(settings, grants)).toEqual(plannedFirst);
  expect((await session.start(settings, 'fresh', grants)).steps).toBe(2);
}, 30_000);
