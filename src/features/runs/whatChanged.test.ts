import { describe, expect, it, test } from 'vitest';
import { noCleaning } from '../../../workers/api/cleaning';
import type { KeptRun } from '../../../workers/api/runs';
import { keptFigures, keptRun } from '../../../workers/testing/keptRun';
import { bestRun, startedWords, whatChanged, type Change } from './whatChanged';

const { settings } = keptRun;

function told(changes: readonly Change[]): string[] {
  return changes.map((change) => (change.kind === 'words' ? change.words : [change.name, change.before, change.after].join(' ')));
}

function after(change: Partial<KeptRun>): string[] {
  return told(whatChanged({ ...keptRun, number: 2, ...change }, keptRun));
}

describe('what changed', () => {
  it('is told of the first run from the defaults on', () => {
    expect(told(whatChanged(keptRun, null))).toEqual(['First run: nano-gpt2, defaults']);
    const stopped = { ...keptRun, stopped: true, steps: 420, totalSteps: 1284, changed: ['learningRate'] as KeptRun['changed'] };
    expect(told(whatChanged(stopped, null))).toEqual([
      'First run: nano-gpt2',
      'learning_rate  2e-3',
      'stopped at step 420 of 1,284 and kept',
    ]);
  });

  it('carries Hugging Face names, old before new', () => {
    expect(after({ settings: { ...settings, learningRate: 5e-4, r: 16, targetModules: ['c_attn', 'c_proj'] } })).toEqual([
      'learning_rate 2e-3 5e-4',
      'r 8 16',
      'target_modules c_attn c_attn, c_proj',
    ]);
  });

  it('names another model, dataset, cleaning and split', () => {
    expect(after({ model: { name: 'openai-community/gpt2', source: 'hub', revision: 'main', file: null } })).toEqual([
      'model nano-gpt2 gpt2',
    ]);
    expect(after({ dataset: { ...keptRun.dataset, name: 'other.csv', hash: 'b'.repeat(64) } })).toEqual([
      'dataset bank.csv other.csv',
    ]);
    expect(after({ dataset: { ...keptRun.dataset, hash: 'b'.repeat(64) } })).toEqual(['other rows']);
    expect(after({ preparation: { ...keptRun.preparation, cleaning: { ...noCleaning, lowercase: true, minWords: 3 } } })).toEqual(
      ['clean.lowercase off on', 'clean.min_words off 3'],
    );
    const split = { ...keptRun.preparation.split, seed: 7 };
    expect(after({ preparation: { ...keptRun.preparation, split } })).toEqual(['another split']);
  });

  it('says what happened, and where nothing differs so', () => {
    expect(after({})).toEqual(['As run 1']);
    expect(after({ notices: ['The loss jumped at step 412. The rate was halved.'] })).toEqual(['The loss jumped at step 412']);
    const spikes = [12, 40].map((step) => ({ step, kind: 'loss-spike' as const }));
    expect(after({ marks: [{ step: 3, kind: 'resumed' }, ...spikes.slice(0, 1)] })).toEqual(['loss jumped at step 12']);
    expect(after({ marks: spikes })).toEqual(['loss jumped 2 times, first at step 12']);
    expect(after({ origin: 'continued' })).toEqual(['continued from an adapter']);
    const continued: KeptRun = { ...keptRun, number: 3, origin: 'continued', continuedFrom: keptRun.id };
    expect(told(whatChanged(continued, keptRun, [keptRun]))).toEqual(['continued from run 1']);
    expect(told(whatChanged(continued, keptRun, []))).toEqual(['continued from a run since deleted']);
    expect(after({ origin: 'import', settings: { ...settings, r: 2 } })).toEqual(['Imported adapter, evaluated']);
  });

  it('passes over words of labels that are the labels, and settings that the task has not', () => {
    const words = { card: 'card', cash: 'cash' };
    expect(after({ settings: { ...settings, labelWords: words, systemText: 'Be brief.' } })).toEqual(['As run 1']);
  });
});

test('the best run is the best of those judged alike', () => {
  const scored = (id: string, accuracy: number, change: Partial<KeptRun> = {}): KeptRun => ({
    ...keptRun,
    id,
    figures: { ...keptFigures, tuned: { ...keptFigures.tuned, accuracy } },
    ...change,
  });
  const elsewhere = { dataset: { ...keptRun.dataset, hash: 'c'.repeat(64) } };
  expect(bestRun([])).toBeNull();
  expect(bestRun([scored('only-one', 0.5)])).toBeNull();
  expect(bestRun([scored('newest', 0.6), scored('middle', 0.9, elsewhere), scored('oldest', 0.7)])).toBe('oldest');
  expect(bestRun([scored('newest', 0.7), scored('oldest', 0.7)])).toBe('oldest');
  const written = { figures: { ...keptFigures, judgedBy: 'writing' as const } };
  expect(bestRun([scored('newest', 0, written), scored('oldest', 0.7)])).toBe('oldest');
});

test('when a run started', () => {
  const now = new Date(2026, 10, 21, 15, 30).getTime();
  expect(startedWords(new Date(2026, 10, 21, 0, 5).getTime(), now)).toBe('Today 0:05');
  expect(startedWords(new Date(2026, 10, 20, 23, 59).getTime(), now)).toBe('Yesterday 23:59');
  expect(startedWords(new Date(2026, 10, 1, 9, 0).getTime(), now)).toBe('1 Nov');
  expect(startedWords(new Date(2025, 10, 1, 9, 0).getTime(), now)).toBe('1 Nov 2025');
});
