import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { TuneletError } from '../api/errors';
import { readSafetensors, writeSafetensors, type FloatTensor } from '../files/safetensorsData';
import { readZip, writeZip } from '../files/zip';
import { adapterRecord } from '../testing/adapterRecord';
import { errorOf } from '../testing/errorOf';
import { adaptableModel } from '../testing/gpt2Fixture';
import { buildAdapterArchive, readAdapter } from './adapterFiles';
import { adapterShapes } from './adapterTensors';
import { parseAdapterConfig } from './config';
import { pythonLines } from './python';

const read = (path: string) => readFileSync(new URL(`../testing/fixtures/reference/${path}`, import.meta.url));
const cases = ['gpt2-tiny-cls', 'gpt2-tiny-cls-all', 'dora-tiny', 'gpt2-tiny-cls-saved'];
/** The case whose model it adapts. */
const baseOf = (folder: string) => (/^dora|-saved$/.test(folder) ? 'gpt2-tiny-cls' : folder);
const modelOf = (folder: string) => adaptableModel(baseOf(folder));
const threeLabels = ['card arrival', 'exchange rate', 'age “limit”'];
const labelsOf = (folder: string) => threeLabels.slice(0, tensorsOf(folder).get('base_model.model.score.weight')!.shape[0]);

const tensorsOf = (folder: string) =>
  readSafetensors(new Uint8Array(read(`${folder}/adapter/adapter_model.safetensors`))).tensors;
const configText = (folder: string) => read(`${folder}/adapter/adapter_config.json`).toString();
const valuesOf = (tensors: ReadonlyMap<string, FloatTensor>) => new Map([...tensors].map(([name, { values }]) => [name, values]));

function exported(folder: string): Uint8Array<ArrayBuffer> {
  const labelNames = labelsOf(folder);
  const { baseName: _, revision: __, unknownKeys: ___, ...lora } = parseAdapterConfig(configText(folder), []);
  const record = adapterRecord(labelNames, { base: { name: baseOf(folder), source: 'files', revision: null, licence: null } });
  const python = pythonLines({ adapterPath: 'adapter', baseName: folder, baseIsOnHub: false, baseRevision: null, ggufFile: null, weightStorage: 'float16', labels: labelNames, padTokenId: 256, maxLength: 64, example: 'Hello' }); // prettier-ignore
  return buildAdapterArchive({
    lora,
    model: modelOf(folder),
    tensors: valuesOf(tensorsOf(folder)),
    tokenizerFiles: [{ name: 'tokenizer.json', text: '{}' }],
    record,
    python,
    slices: null,
  });
}

const zipFile = (bytes: Uint8Array<ArrayBuffer>, name = 'my adapter.zip') => new File([bytes], name);

/** A plain PEFT folder with its tensors or settings changed. */
function folderFiles(
  folder: string,
  edit: { tensors?: (tensors: Map<string, FloatTensor>) => void; config?: object; more?: File[] } = {},
): File[] {
  const tensors = new Map(tensorsOf(folder));
  edit.tensors?.(tensors);
  const config: unknown = JSON.parse(configText(folder));
  return [
    new File([JSON.stringify(Object.assign({}, config, edit.config))], 'adapter_config.json'),
    new File([writeSafetensors(tensors)], 'adapter_model.safetensors'),
    ...(edit.more ?? []),
  ];
}

describe.each(cases)('%s', (folder) => {
  test('names and shapes are those of PEFT’s own file', () => {
    const config = parseAdapterConfig(configText(folder), []);
    const stored = tensorsOf(folder);
    const shapes = adapterShapes(config, modelOf(folder), labelsOf(folder).length);
    expect(new Map([...shapes].map(([name, shape]) => [name, [...shape]]))).toEqual(
      new Map([...shapes.keys()].map((name) => [name, stored.get(name)?.shape])),
    );
    expect(shapes.size).toBe(stored.size);
  });

  test('the archive holds PEFT’s configuration and tensors byte for byte, and comes back whole', async () => {
    const bytes = exported(folder);
    const files = readZip(bytes);
    expect([...files.keys()]).toEqual([
      'adapter_config.json',
      'adapter_model.safetensors',
      'README.md',
      'tokenizer.json',
      'training_log.json',
    ]);
    // Written by a later patch of the same version.
    const expected = configText(folder).replace('"0.21.2"', '"0.21.0"');
    expect(new TextDecoder().decode(files.get('adapter_config.json'))).toBe(expected);
    expect(Buffer.compare(files.get('adapter_model.safetensors')!, read(`${folder}/adapter/adapter_model.safetensors`))).toBe(0);
    const adapter = await readAdapter([zipFile(bytes)], modelOf(folder));
    expect(adapter).toMatchObject({ name: 'my adapter', labels: labelsOf(folder), labelsAreGuessed: false });
    expect(adapter.log).toMatchObject({
      padTokenId: 256,
      maxLength: 64,
      base: { name: baseOf(folder) },
      trainedOn: 'bank messages',
    });
    expect(new Map(adapter.tensors)).toEqual(valuesOf(tensorsOf(folder)));
  });

  test('a plain PEFT folder comes in with LABEL_0…', async () => {
    const adapter = await readAdapter(folderFiles(folder), modelOf(folder));
    expect(adapter).toMatchObject({
      labels: labelsOf(folder).map((_, index) => `LABEL_${index}`),
      labelsAreGuessed: true,
      log: null,
    });
    expect(new Map(adapter.tensors)).toEqual(valuesOf(tensorsOf(folder)));
  });
});

test('the training log has the agreed keys', () => {
  const log: unknown = JSON.parse(new TextDecoder().decode(readZip(exported('gpt2-tiny-cls')).get('training_log.json')));
  expect(log).toMatchObject({
    labels: threeLabels,
    pad_token_id: 256,
    max_length: 64,
    base: { name: 'gpt2-tiny-cls', revision: null },
    settings: { learning_rate: 0.002, lora_alpha: 16, target_modules: ['c_attn'], per_device_train_batch_size: 32 },
    result: { tuned: { accuracy: 0.9375, macro_f1: 0.9375 } },
    steps: [{ step: 1, loss: 2.1, learning_rate: 0, grad_norm: 3.5 }, { step: 2 }],
  });
});

describe('other ways to write the same adapter', () => {
  const model = adaptableModel('gpt2-tiny-cls');
  const original = valuesOf(tensorsOf('gpt2-tiny-cls'));

  test('the adapter’s name inside the keys', async () => {
    const rename = (tensors: Map<string, FloatTensor>) => {
      for (const [name, tensor] of new Map(tensors)) {
        if (!name.includes('lora_')) continue;
        tensors.delete(name);
        tensors.set(name.replace(/\.weight$/, '.default.weight'), tensor);
      }
    };
    const adapter = await readAdapter(folderFiles('gpt2-tiny-cls', { tensors: rename }), model);
    expect(new Map(adapter.tensors)).toEqual(original);
  });

  test.each(['.default.weight', '.default', '.weight'])('magnitudes that end in %s', async (ending) => {
    const rename = (tensors: Map<string, FloatTensor>) => {
      for (const [name, tensor] of new Map(tensors)) {
        if (!name.endsWith('lora_magnitude_vector')) continue;
        tensors.delete(name);
        tensors.set(name + ending, tensor);
      }
    };
    const adapter = await readAdapter(folderFiles('dora-tiny', { tensors: rename }), model);
    expect(new Map(adapter.tensors)).toEqual(valuesOf(tensorsOf('dora-tiny')));
  });

  test('a zipped folder, and float16 tensors', async () => {
    const header: Record<string, unknown> = {};
    let end = 0;
    for (const [name, { shape, values }] of tensorsOf('gpt2-tiny-cls')) {
      header[name] = { dtype: 'F16', shape, data_offsets: [end, (end += values.length * 2)] };
    }
    const json = new TextEncoder().encode(JSON.stringify(header));
    const weights = new Uint8Array(8 + json.length + end);
    new DataView(weights.buffer).setUint32(0, json.length, true);
    weights.set(json, 8);
    const ones = new Uint16Array(end / 2).fill(0x3c00);
    weights.set(new Uint8Array(ones.buffer), 8 + json.length);
    const zip = writeZip(
      new Map([
        ['out/adapter_config.json', new TextEncoder().encode(configText('gpt2-tiny-cls'))],
        ['out/adapter_model.safetensors', weights],
      ]),
    );
    const adapter = await readAdapter([zipFile(zip)], model);
    expect([...adapter.tensors.values()].every((values) => values.every((value) => value === 1))).toBe(true);
  });
});

describe('what does not fit is refused with the reason', () => {
  const model = adaptableModel('gpt2-tiny-cls');
  const rename = (change: (name: string) => string | null) => (tensors: Map<string, FloatTensor>) => {
    for (const [name, tensor] of new Map(tensors)) {
      const other = change(name);
      tensors.delete(name);
      if (other !== null) tensors.set(other, tensor);
    }
  };
  const withScore = (rows: number) => (tensors: Map<string, FloatTensor>) =>
    void tensors.set('base_model.model.score.weight', { shape: [rows, 64], values: new Float32Array(rows * 64) });
  const withMagnitude = (outputs: number) => (tensors: Map<string, FloatTensor>) =>
    void tensors.set('base_model.model.transformer.h.0.attn.c_attn.lora_magnitude_vector', {
      shape: [outputs],
      values: new Float32Array(outputs),
    });
  const nan = (tensors: Map<string, FloatTensor>) =>
    void tensors.set('base_model.model.score.weight', { shape: [3, 64], values: new Float32Array(192).fill(NaN) });

  test('another architecture, in the words of the page', async () => {
    const tensors = rename((name) => {
      const matched = /h\.(\d)\.attn\.c_attn(.*)$/.exec(name);
      return matched ? `base_model.model.model.layers.${matched[1]}.self_attn.q_proj${matched[2]}` : name;
    });
    const files = folderFiles('gpt2-tiny-cls', {
      tensors,
      config: { target_modules: ['q_proj'], base_model_name_or_path: 'TinyLlama' },
    });
    const error = await errorOf(readAdapter(files, model));
    expect([error.code, error.message, error.remedy]).toEqual([
      'adapter/does-not-fit',
      'This adapter does not fit gpt2-tiny-cls. It adapts q_proj in 2 layers; gpt2-tiny-cls has c_attn, c_proj and c_fc in 2.',
      'Choose TinyLlama, the model it was trained on.',
    ]);
  });

  test('another depth', async () => {
    const error = await errorOf(readAdapter(folderFiles('gpt2-tiny-cls-all'), model));
    expect(error.message).toContain(
      'It adapts c_attn, c_proj and c_fc in 3 layers; gpt2-tiny-cls has c_attn, c_proj and c_fc in 2.',
    );
  });

  test('another width', async () => {
    const wide = adaptableModel('gpt2-tiny-cls', { nEmbd: 128 });
    const error = await errorOf(readAdapter(folderFiles('gpt2-tiny-cls'), wide));
    expect(error.message).toContain('lora_A.weight is [8, 64]; gpt2-tiny-cls needs [8, 128].');
  });

  test.each<[string, Parameters<typeof folderFiles>[1], TuneletError['code'], string]>([
    ['wrong rank', { config: { r: 4 } }, 'adapter/does-not-fit', 'says r 4, but base_model.model.transformer.h.0.attn.c_attn.lora_A.weight has rank 8'],
    ['other targets', { config: { target_modules: ['c_fc'] } }, 'adapter/does-not-fit', 'says that it adapts c_fc, which are 2 modules'],
    ['half a pair', { tensors: rename((name) => (name.includes('h.1.attn.c_attn.lora_B') ? null : name)) }, 'adapter/does-not-fit', 'h.1.attn.c_attn.lora_B.weight is missing'],
    ['a layer less', { tensors: rename((name) => (name.includes('h.1.') ? null : name)) }, 'adapter/does-not-fit', 'It adapts c_attn in 1 layer;'],
    ['no head', { tensors: rename((name) => (name.includes('score') ? null : name)) }, 'adapter/does-not-fit', 'score.weight is missing'],
    ['no prefix', { tensors: rename((name) => name.replace('base_model.model.', '')) }, 'adapter/does-not-fit', 'None of its tensors is a LoRA matrix'],
    ['one label', { tensors: withScore(1) }, 'adapter/does-not-fit', 'has 1 label'],
    ['extra tensor', { tensors: (all) => void all.set('base_model.model.extra', { shape: [1], values: new Float32Array(1) }) }, 'adapter/does-not-fit', 'base_model.model.extra'],
    ['no numbers', { tensors: nan }, 'adapter/bad-archive', 'score.weight holds values that are no numbers'],
    ['labels of another head', { tensors: withScore(4), more: [new File(['{"labels":["a","b"]}'], 'training_log.json')] }, 'adapter/does-not-fit', 'names 2 labels; its classification head has 4'],
    ['repeated label', { more: [new File(['{"labels":["a","a","b"]}'], 'training_log.json')] }, 'adapter/bad-archive', 'names a label twice'],
    ['DoRA without magnitudes', { config: { use_dora: true } }, 'adapter/does-not-fit', 'h.0.attn.c_attn.lora_magnitude_vector is missing'],
    ['a copy of the embedding', { config: { modules_to_save: ['score', 'wte'] } }, 'adapter/unsupported', 'names “wte”, which is or holds an embedding table'],
    ['a copy of the language-model head', { config: { modules_to_save: ['lm_head'] } }, 'adapter/unsupported', 'the language-model head'],
    ['a copy that is not there', { config: { modules_to_save: ['ln_f', 'score'] } }, 'adapter/does-not-fit', 'transformer.ln_f.weight is missing'],
    ['magnitudes without DoRA', { tensors: withMagnitude(192) }, 'adapter/does-not-fit', 'lora_magnitude_vector, which no plain LoRA adapter'],
  ])('%s', async (_, edit, code, words) => {
    const error = await errorOf(readAdapter(folderFiles('gpt2-tiny-cls', edit), model));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)]);
  }); // prettier-ignore

  test('missing, damaged and doubled files', async () => {
    const [config, weights] = folderFiles('gpt2-tiny-cls');
    if (!config || !weights) throw new Error('The fixture lacks a file.');
    const of = async (...files: File[]) => errorOf(readAdapter(files, model));
    expect((await of(config)).message).toBe('The adapter has no adapter_model.safetensors. Found: adapter_config.json.');
    expect((await of(config, new File(['x'], 'adapter_model.bin'))).remedy).toContain('cannot be read safely');
    expect((await of(weights)).code).toBe('adapter/missing-file');
    expect((await of()).message).toContain('Found: nothing');
    expect((await of(config, new File([new Uint8Array(20)], 'adapter_model.safetensors'))).code).toBe('adapter/bad-archive');
    expect((await of(new File(['not a zip'], 'adapter.zip'))).code).toBe('adapter/bad-archive');
    const two = new Map(['a', 'b'].map((folder) => [`${folder}/adapter_config.json`, new Uint8Array(2)]));
    expect((await of(zipFile(writeZip(two)))).message).toContain('two adapters, a/adapter_config.json and b/adapter_config.json');
  });
});
