import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TuneletError } from '../api/errors';
import { parseAdapterConfig, scalingOf, writeAdapterConfig } from './config';
import { pythonFloat, pythonJson } from './pythonJson';
import { matchedModules, requireModules } from './targets';

const fixture = (folder: string) =>
  readFileSync(new URL(`../testing/fixtures/reference/${folder}/adapter_config.json`, import.meta.url), 'utf8');
const folders = ['gpt2-tiny-cls/adapter', 'gpt2-tiny-cls-all/adapter'];

function errorOf(action: () => unknown): TuneletError {
  try {
    action();
  } catch (error) {
    if (error instanceof TuneletError) return error;
    throw error;
  }
  throw new Error('Expected a TuneletError.');
}

test.each(folders)('%s: read and written again, it is the same file byte for byte', (folder) => {
  const text = fixture(folder);
  const config = parseAdapterConfig(text, []);
  expect(config.unknownKeys).toEqual([]);
  expect(writeAdapterConfig(config, { name: config.baseName, revision: config.revision, fanInFanOut: true })).toBe(text);
});

test('the file has the 41 keys of PEFT 0.21', () => {
  const config = { r: 8, loraAlpha: 16, loraDropout: 0.1, targetModules: ['c_attn'], useRslora: false };
  const json: unknown = JSON.parse(writeAdapterConfig(config, { name: 'gpt2', revision: 'abc', fanInFanOut: true }));
  expect(Object.keys(json ?? {})).toHaveLength(41);
  expect(json).toMatchObject({ lora_dropout: 0.1, revision: 'abc', use_rslora: false });
});

test('scaling', () => {
  expect(scalingOf({ r: 8, loraAlpha: 16, useRslora: false })).toBe(2);
  expect(scalingOf({ r: 4, loraAlpha: 8, useRslora: true })).toBe(4);
});

test.each([
  [0, '0.0'],
  [0.1, '0.1'],
  [1e-5, '1e-05'],
  [0.0001, '0.0001'],
  [1.5e-7, '1.5e-07'],
  [1e16, '1e+16'],
  [-3, '-3.0'],
])('Python writes %d as %s', (value, text) => expect(pythonFloat(value).float).toBe(text));

test('text outside ASCII is escaped as Python does', () => {
  expect(pythonJson({ b: ['é😀', 1.5], a: {} })).toBe('{\n  "a": {},\n  "b": [\n    "\\u00e9\\ud83d\\ude00",\n    1.5\n  ]\n}');
});

describe('what cannot be honoured is refused by name', () => {
  const minimal = { peft_type: 'LORA', task_type: 'SEQ_CLS' };
  const parse = (change: object) => parseAdapterConfig(JSON.stringify({ ...minimal, ...change }), ['c_attn']);

  test('the minimum has PEFT’s defaults', () => {
    expect(parse({})).toMatchObject({
      r: 8,
      loraAlpha: 8,
      loraDropout: 0,
      targetModules: ['c_attn'],
      useRslora: false,
      baseName: null,
    });
    expect(parse({ target_modules: 'all-linear', brand_new_key: 3 })).toMatchObject({
      targetModules: 'all-linear',
      unknownKeys: ['brand_new_key'],
    });
  });

  test.each<[object, TuneletError['code'], string]>([
    [{ peft_type: 'IA3' }, 'adapter/unsupported', 'not a LoRA adapter (peft_type is "IA3")'],
    [{ peft_type: undefined }, 'adapter/unsupported', 'peft_type is missing'],
    [{ task_type: 'CAUSAL_LM' }, 'adapter/unsupported', 'another task'],
    [{ bias: 'all' }, 'adapter/unsupported', 'biases of the base'],
    [{ use_dora: true }, 'adapter/unsupported', 'DoRA'],
    [{ rank_pattern: { c_attn: 4 } }, 'adapter/unsupported', 'a rank of their own'],
    [{ alpha_pattern: { c_attn: 4 } }, 'adapter/unsupported', 'an alpha of their own'],
    [{ lora_bias: true }, 'adapter/unsupported', 'biases of its own'],
    [{ layers_to_transform: [0] }, 'adapter/unsupported', 'only some layers'],
    [{ exclude_modules: ['x'] }, 'adapter/unsupported', 'leaves out'],
    [{ target_parameters: ['x'] }, 'adapter/unsupported', 'single parameters'],
    [{ modules_to_save: ['score', 'wte'] }, 'adapter/unsupported', 'whole modules'],
    [{ init_lora_weights: 'pissa' }, 'adapter/unsupported', 'changes the weights'],
    [{ target_modules: '.*c_attn' }, 'adapter/unsupported', 'regular expression'],
    [{ target_modules: [3] }, 'adapter/bad-archive', 'target_modules is [3]'],
    [{ r: 0 }, 'adapter/bad-archive', 'r is 0'],
    [{ lora_alpha: '8' }, 'adapter/bad-archive', 'lora_alpha is "8"'],
    [{ lora_dropout: 1 }, 'adapter/bad-archive', 'lora_dropout is 1'],
  ])('%o', (change, code, words) => {
    const error = errorOf(() => parse(change));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)]);
  });

  test('no JSON', () => expect(errorOf(() => parseAdapterConfig('[]', [])).code).toBe('adapter/bad-archive'));
});

describe('target modules', () => {
  const shape = { inFeatures: 2, outFeatures: 2 };
  const modules = new Map(
    ['h.0.attn.c_attn', 'h.0.attn.c_proj', 'h.0.mlp.c_proj', 'h.1.attn.c_attn'].map((path) => [path, shape]),
  );

  test('an entry matches whole parts of the path only', () => {
    expect(matchedModules(['c_attn'], modules)).toEqual(['h.0.attn.c_attn', 'h.1.attn.c_attn']);
    expect(matchedModules(['c_proj'], modules)).toEqual(['h.0.attn.c_proj', 'h.0.mlp.c_proj']);
    expect(matchedModules(['mlp.c_proj'], modules)).toEqual(['h.0.mlp.c_proj']);
    expect(matchedModules(['h.1.attn.c_attn'], modules)).toEqual(['h.1.attn.c_attn']);
    expect(matchedModules(['attn'], modules)).toEqual([]);
    expect(matchedModules('all-linear', modules)).toHaveLength(4);
  });

  test('an entry that matches none is named, with what there is', () => {
    const error = errorOf(() => requireModules(['c_attn', 'q_proj'], modules, 'gpt2'));
    expect([error.code, error.message]).toEqual(['settings/invalid', 'target_modules names “q_proj”, which gpt2 does not have.']);
    expect(error.remedy).toBe('Choose from the modules of gpt2: c_attn, c_proj.');
    expect(errorOf(() => requireModules([], modules, 'gpt2')).message).toContain('empty');
  });
});
