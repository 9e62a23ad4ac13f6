import { describe, expect, it } from 'vitest';
import { checkSettings } from './checkSettings';
import { toHuggingFaceNames } from './hyperparameters';
import { defaultSettings } from './model';
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
