import { describe, expect, it } from 'vitest';
import { readSettings, splitList, writeValue } from './settings';

const nano = { parameterCount: 5.4e6, positions: 512, moduleNames: ['c_attn', 'c_proj', 'c_fc'], defaultModules: ['c_attn'] };
const gpt2 = { parameterCount: 124e6, positions: 1024, moduleNames: ['c_attn', 'c_proj', 'c_fc'], defaultModules: ['c_attn'] };

describe('readSettings', () => {
  it('follows the defaults of the model where nothing was typed', () => {
    const small = readSettings({}, nano, 983);
    const large = readSettings({}, gpt2, 983);
    expect(small.settings).toEqual(small.defaults);
    expect(small.settings.learningRate).toBeGreaterThan(large.settings.learningRate);
    expect(small.changed).toEqual([]);
    expect(small.problems).toEqual([]);
  });

  it('keeps what the user typed when the defaults change', () => {
    const texts = { perDeviceTrainBatchSize: '8' };
    expect(readSettings(texts, nano, 983).settings.perDeviceTrainBatchSize).toBe(8);
    expect(readSettings(texts, gpt2, 12000).settings.perDeviceTrainBatchSize).toBe(8);
    expect(readSettings(texts, gpt2, 12000).changed).toEqual(['perDeviceTrainBatchSize']);
  });

  it('does not call a default written otherwise a change', () => {
    const { defaults } = readSettings({}, nano, null);
    const reading = readSettings({ learningRate: defaults.learningRate.toFixed(5) }, nano, null);
    expect(reading.settings.learningRate).toBe(defaults.learningRate);
    expect(reading.changed).toEqual([]);
  });

  it('names what cannot be read, with the remedy', () => {
    const reading = readSettings({ learningRate: '', r: '2.5', targetModules: 'c_attn, q_proj', maxLength: '600' }, nano, 983);
    expect(reading.problems.map((problem) => problem.key)).toEqual(['learningRate', 'r', 'maxLength', 'targetModules']);
    expect(reading.problems.find((problem) => problem.key === 'targetModules')?.message).toContain('q_proj');
    for (const text of ['all-linear', 'h.0.attn.c_attn, mlp.c_proj', String.raw`.*\.mlp\..*`]) {
      expect(readSettings({ targetModules: text }, nano, 983).problems).toEqual([]);
    }
    expect(reading.problems.find((problem) => problem.key === 'maxLength')?.message).toContain('512');
  });

  it('reads lists, choices and switches', () => {
    const { settings } = readSettings(
      { targetModules: 'c_attn c_fc,c_attn', lrSchedulerType: 'cosine', useRslora: 'true' },
      nano,
      983,
    );
    expect(settings.targetModules).toEqual(['c_attn', 'c_fc']);
    expect(settings.lrSchedulerType).toBe('cosine');
    expect(settings.useRslora).toBe(true);
  });

  it('takes texts as they are typed, and data without labels as plain text', () => {
    const { settings } = readSettings({ task: 'prompt', systemText: ' 12 ', promptTemplate: '{text}\n{label}' }, nano, 983);
    expect(settings).toMatchObject({ task: 'prompt', systemText: ' 12 ', promptTemplate: '{text}\n{label}' });
    expect(readSettings({}, nano, 983, [])).toMatchObject({ settings: { task: 'text' }, changed: [], problems: [] });
    const headless = readSettings({ task: 'head' }, nano, 983, []);
    expect(headless.settings.task).toBe('head');
    expect(headless.problems).toEqual([{ key: 'task', message: expect.stringContaining('have no labels') }]);
  });
});

describe('writeValue', () => {
  it('writes what reads back as the same value', () => {
    expect([0.002, 0.0005, 0.06, 0, -1, 42].map(writeValue)).toEqual(['2e-3', '5e-4', '0.06', '0', '-1', '42']);
    expect(splitList(writeValue(['c_attn', 'c_fc']))).toEqual(['c_attn', 'c_fc']);
  });
});
