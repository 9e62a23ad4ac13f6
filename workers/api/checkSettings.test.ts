import { describe, expect, it } from 'vitest';
import { checkSettings } from './checkSettings';
import { toHuggingFaceNames, writeSetting } from './hyperparameters';
import { defaultSettings } from './model';
import type { ModuleShapes } from './modules';
import { templateProblem } from './promptTemplate';

const { settings } = defaultSettings(null, 100);

describe('settings of prompts', () => {
  it('are checked where the task has any', () => {
    const broken = { ...settings, promptTemplate: '{text}' };
    expect(checkSettings(broken)).toEqual([]);
    const [problem, ...others] = checkSettings({ ...broken, task: 'prompt' });
    expect(problem).toMatchObject({ key: 'promptTemplate', message: expect.stringContaining('has no {label}') });
    expect(others).toEqual([]);
    expect(checkSettings({ ...settings, task: 'prompt', systemText: 'x'.repeat(20_001) })[0]?.key).toBe('systemText');
  });

  it('leave the files of a run with a head as they were', () => {
    expect(Object.keys(toHuggingFaceNames(settings))).not.toContain('prompt_template');
    expect(toHuggingFaceNames({ ...settings, task: 'prompt' })).toMatchObject({ task: 'prompt', system_text: '' });
  });

  it('default to a template that names the answer where no chat format does', () => {
    const model = { parameterCount: 1e8, positions: 512, defaultModules: ['q_proj'] };
    const templates = [true, false].map(
      (hasChatFormat) => defaultSettings({ ...model, hasChatFormat }, 10).settings.promptTemplate,
    );
    expect(new Set(templates).size).toBe(2);
    expect(templates.map(templateProblem)).toEqual([null, null]);
  });

  it('take no steps at all as a wish to judge the base model', () => {
    expect(checkSettings({ ...settings, maxSteps: 0 })).toEqual([]);
    expect(checkSettings({ ...settings, maxSteps: -2 })[0]?.key).toBe('maxSteps');
  });
});

describe('a task', () => {
  const told = (task: 'head' | 'prompt' | 'text', limits: { labels?: string[]; canWrite?: boolean }) =>
    checkSettings({ ...settings, task }, limits).map(({ message }) => message);

  it('needs labels or a model that writes, as the case may be', () => {
    expect(told('head', { labels: [] })).toEqual([expect.stringContaining('the data have no labels')]);
    expect(told('prompt', { labels: ['a', 'b'], canWrite: false })).toEqual([expect.stringContaining('cannot write')]);
    expect(told('text', { labels: [], canWrite: true })).toEqual([]);
    expect(told('head', { labels: ['a', 'b'], canWrite: false })).toEqual([]);
  });

  it('by prompt needs a word of its own for each label', () => {
    const words = { ...settings, labelWords: { a: 'b' } };
    expect(checkSettings({ ...words, task: 'prompt' }, { labels: ['a', 'b'] })).toMatchObject([{ key: 'labelWords' }]);
    expect(checkSettings(words, { labels: ['a', 'b'] })).toEqual([]);
  });
});

describe('adapted layers', () => {
  const shape = { inFeatures: 8, outFeatures: 8 };
  const modules: ModuleShapes = new Map(
    [0, 1].flatMap((block) => ['attn.c_attn', 'mlp.c_fc'].map((name) => [`transformer.h.${block}.${name}`, shape] as const)),
  );
  const limits = { modules, moduleNames: ['c_attn', 'c_fc'], layers: 2 };
  const told = (targetModules: string[], layersToTransform: number[] = []) =>
    checkSettings({ ...settings, targetModules, layersToTransform }, limits);

  it('are names, all, or a pattern of whole paths that matches some', () => {
    for (const targets of [['c_attn', 'mlp.c_fc'], ['all-linear'], [String.raw`.*\.h\.1\..*`]]) expect(told(targets)).toEqual([]);
    expect(told(['c_attn', 'q_proj'])[0]?.message).toContain('“q_proj”, which this model does not have. It has c_attn, c_fc');
    expect(told(['attn.c_fc'])[0]?.message).toContain('matches none of this model’s 4 layers');
    expect(told(['(c_attn'])[0]?.message).toContain('is not a regular expression');
    expect(told(['c_attn$'])[0]?.message).toContain('must match whole paths, such as transformer.h.0.attn.c_attn');
    expect(told(['c_attn', 'c-fc'])[0]?.message).toContain('one regular expression alone');
    expect(told([])[0]?.message).toContain('is empty');
  });

  it('lie in blocks that the model has, chosen with names alone', () => {
    expect(told(['c_attn'], [1])).toEqual([]);
    expect(told(['c_attn'], [0, 2, 3])[0]).toMatchObject({
      key: 'layersToTransform',
      message: expect.stringContaining('block 2-3'),
    });
    expect(told(['c_attn'], [NaN])[0]?.message).toContain('no list of blocks');
    expect(told(['all-linear'], [1])[0]?.message).toContain('all-linear');
  });

  it('of some blocks are told in the files', () => {
    expect(toHuggingFaceNames({ ...settings, layersToTransform: [0, 1] })).toMatchObject({ layers_to_transform: [0, 1] });
    expect(Object.keys(toHuggingFaceNames(settings))).not.toContain('layers_to_transform');
    expect([{ a: 'b' }, [0, 1, 4], ['q_proj', 'v_proj'], 3, true].map(writeSetting)).toEqual([
      '{"a":"b"}', '0-1, 4', 'q_proj, v_proj', '3', 'true',
    ]); // prettier-ignore
  });
});
