import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { TuneletError } from '../api/errors';
import { targetsOf } from '../api/modules';
import { errorOf } from '../testing/errorOf';
import { parseAdapterConfig, scalingOf, writeAdapterConfig } from './config';
import { pythonFloat, pythonJson } from './pythonJson';
import { asTargetList, matchedModules, requireModules } from './targets';

const fixture = (folder: string) =>
  readFileSync(new URL(`../testing/fixtures/reference/${folder}/adapter_config.json`, import.meta.url), 'utf8');
const folders: [string, boolean][] = [
  ['gpt2-tiny-cls/adapter', true],
  ['gpt2-tiny-cls-all/adapter', true],
  ['llama-tiny-cls/adapter', false],
  ['dora-tiny/adapter', true],
];

test.each(folders)('%s: read and written again, it is the same file byte for byte', (folder, fanInFanOut) => {
  const text = fixture(folder);
  const config = parseAdapterConfig(text, []);
  expect(config.unknownKeys).toEqual([]);
  expect(writeAdapterConfig(config, { name: config.baseName, revision: config.revision, fanInFanOut })).toBe(text);
});

test('the file has the 41 keys of PEFT 0.21', () => {
  const config = { r: 8, loraAlpha: 16, loraDropout: 0.1, targetModules: ['c_attn'], useRslora: false, useDora: false };
  const json: unknown = JSON.parse(writeAdapterConfig(config, { name: 'gpt2', revision: 'abc', fanInFanOut: true }));
  expect(Object.keys(json ?? {})).toHaveLength(41);
  expect(json).toMatchObject({ lora_dropout: 0.1, revision: 'abc', use_rslora: false });
});

test('an adapter for text has no head to save; layers and expressions survive', () => {
  const config = {
    r: 8,
    loraAlpha: 16,
    loraDropout: 0,
    targetModules: ['q_proj'],
    useRslora: false,
    useDora: true,
    task: 'CAUSAL_LM' as const,
  };
  const base = { name: 'llama', revision: null, fanInFanOut: false };
  const text = writeAdapterConfig({ ...config, layers: { indices: [0, 2], patterns: ['layers'] } }, base);
  expect(JSON.parse(text)).toMatchObject({ task_type: 'CAUSAL_LM', modules_to_save: null, layers_to_transform: [0, 2], layers_pattern: ['layers'] }); // prettier-ignore
  expect(parseAdapterConfig(text, [], ['CAUSAL_LM'])).toMatchObject({ task: 'CAUSAL_LM', useDora: true, layers: { indices: [0, 2], patterns: ['layers'] } }); // prettier-ignore
  expect(errorOf(() => parseAdapterConfig(text, [])).message).toContain('another task than SEQ_CLS');
  const expression = writeAdapterConfig({ ...config, targetModules: String.raw`.*\.(q|v)_proj` }, base);
  expect(parseAdapterConfig(expression, [], ['CAUSAL_LM']).targetModules).toBe(String.raw`.*\.(q|v)_proj`);
});

test('modules that are trained as a whole survive, beside the heads that PEFT adds', () => {
  const config = { r: 8, loraAlpha: 16, loraDropout: 0, targetModules: ['c_attn'], modulesToSave: ['ln_f'], useRslora: false, useDora: false }; // prettier-ignore
  const base = { name: 'gpt2', revision: null, fanInFanOut: true };
  const text = writeAdapterConfig(config, base);
  expect(JSON.parse(text)).toMatchObject({ modules_to_save: ['ln_f', 'classifier', 'score'] });
  expect(parseAdapterConfig(text, []).modulesToSave).toEqual(['ln_f']);
  const answering = writeAdapterConfig({ ...config, task: 'CAUSAL_LM' }, base);
  expect(JSON.parse(answering)).toMatchObject({ modules_to_save: ['ln_f'] });
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
      useDora: false,
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
    [{ use_qalora: true }, 'adapter/unsupported', 'QA-LoRA'],
    [{ rank_pattern: { c_attn: 4 } }, 'adapter/unsupported', 'a rank of their own'],
    [{ alpha_pattern: { c_attn: 4 } }, 'adapter/unsupported', 'an alpha of their own'],
    [{ lora_bias: true }, 'adapter/unsupported', 'biases of its own'],
    [{ layers_to_transform: ['x'] }, 'adapter/bad-archive', 'layers_to_transform is ["x"]'],
    [{ layers_to_transform: [0], target_modules: 'all-linear' }, 'adapter/bad-archive', 'target_modules is no list'],
    [{ layers_to_transform: [0], layers_pattern: '(a+)+' }, 'adapter/bad-archive', 'layers_pattern is'],
    [{ layers_pattern: 'h' }, 'adapter/bad-archive', 'without layers_to_transform'],
    [{ exclude_modules: ['x'] }, 'adapter/unsupported', 'leaves out'],
    [{ target_parameters: ['x'] }, 'adapter/unsupported', 'single parameters'],
    [{ modules_to_save: ['score', 3] }, 'adapter/bad-archive', 'modules_to_save is ["score",3]'],
    [{ init_lora_weights: 'pissa' }, 'adapter/unsupported', 'changes the weights'],
    [{ target_modules: '(?!x).*c_attn' }, 'adapter/unsupported', 'regular expression “(?!x).*c_attn”'],
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

  test('a text is an expression for whole paths', () => {
    expect(matchedModules(String.raw`.*\.mlp\..*`, modules)).toEqual(['h.0.mlp.c_proj']);
    expect(matchedModules('c_attn', modules)).toEqual([]);
    expect(errorOf(() => requireModules('c_attn', modules, 'gpt2')).message).toContain('which no module of gpt2 matches');
    expect(asTargetList('.*c_attn', modules)).toEqual(['c_attn']);
    expect(asTargetList(String.raw`.*mlp\.c_proj`, modules)).toEqual(['h.0.mlp.c_proj']);
  });

  test('settings hold a list, of which one entry may be more than a name', () => {
    expect(targetsOf(['c_attn'])).toEqual(['c_attn']);
    expect(targetsOf(['mlp.c_proj'])).toEqual(['mlp.c_proj']);
    expect(targetsOf(['all-linear'])).toBe('all-linear');
    expect(targetsOf(['.*c_attn'])).toBe('.*c_attn');
  });

  test('only some layers', () => {
    const paths = ['transformer.h.0.attn.c_attn', 'transformer.h.1.attn.c_attn', 'transformer.h.10.attn.c_attn'];
    const layered = new Map(paths.map((path) => [path, shape]));
    expect(matchedModules(['c_attn'], layered, { indices: [1, 10], patterns: [] })).toEqual(paths.slice(1));
    expect(matchedModules(['c_attn'], layered, { indices: [0], patterns: ['h'] })).toEqual(paths.slice(0, 1));
    expect(matchedModules(['c_attn'], layered, { indices: [0], patterns: ['layers'] })).toEqual([]);
    // PEFT: an entry that is a whole path counts whatever its layer.
    expect(matchedModules(paths.slice(0, 1), layered, { indices: [1], patterns: [] })).toEqual(paths.slice(0, 1));
    expect(asTargetList(['c_attn'], layered, { indices: [1], patterns: [] })).toEqual([paths[1]]);
  });

  test('an entry that matches none is named, with what there is', () => {
    const error = errorOf(() => requireModules(['c_attn', 'q_proj'], modules, 'gpt2'));
    expect([error.code, error.message]).toEqual(['settings/invalid', 'target_modules names “q_proj”, which gpt2 does not have.']);
    expect(error.remedy).toBe('Choose from the modules of gpt2: c_attn, c_proj.');
    expect(errorOf(() => requireModules([], modules, 'gpt2')).message).toContain('empty');
  });
});
