import { describe, expect, it } from 'vitest';
import type { ResumableRun } from '../../../workers/api/resumable';
import { defaultSettings } from '../../../workers/api/model';
import { readSeen } from '../../state/resume';
import { emptyRun, type RunState } from '../../state/run';
import { clockSeconds, redoneWords, resumeWords } from './resumeWords';

const at = (hours: number, minutes: number, day = 21): number => new Date(2026, 10, day, hours, minutes).getTime();

const run: ResumableRun = {
  id: 'b',
  name: 'nano-gpt2 on banking',
  step: 560,
  totalSteps: 1963,
  savedAtMs: at(14, 6),
  modelName: 'nano-gpt2',
  datasetName: 'banking.csv',
  labels: [],
  settings: { ...defaultSettings(null, null).settings, gradientCheckpointing: false },
  device: 'Processor',
  missing: [],
  problem: null,
};

describe('the words for an unfinished run', () => {
  it('say where it stands and when it was left', () => {
    const { title } = resumeWords(run, null, false, at(15, 0));
    expect(title).toBe('nano-gpt2 on banking was left at 14:06, saved at step 560 of 1,963');
    expect(resumeWords(run, null, false, at(9, 0, 22)).title).toContain('14:06 on 21 November');
    expect(clockSeconds(at(9, 5))).toBe('09:05:00');
  });

  it('say what it needs, and wait while that is on its way', () => {
    const without = { ...run, missing: ['dataset', 'model'] as ResumableRun['missing'] };
    expect(resumeWords(run, null, false).words).toContain('as if it had not been cut off');
    expect(resumeWords(without, null, true).words).toBe('Its data and model are being brought back.');
    expect(resumeWords(without, null, false).words).toContain('banking.csv with the columns');
    expect(resumeWords({ ...run, missing: ['model'] }, null, false).words).toContain(
      'needs the model nano-gpt2: choose it below',
    );
  });

  it('say which steps are done again until they are', () => {
    const start = { name: run.name, resumed: { step: 560, savedAtMs: run.savedAtMs } } as RunState['start'];
    const progress = (step: number) => ({
      step,
      totalSteps: 1963,
      epoch: 1,
      tokensPerSecond: 1,
      elapsedSeconds: 1,
      secondsLeft: 1,
    });
    const seen = { name: run.name, step: 573, atMs: at(14, 6) };
    expect(redoneWords({ start, progress: progress(560) }, seen)).toContain('Steps 561 to 573 are being done again.');
    expect(redoneWords({ start, progress: progress(573) }, seen)).toBeNull();
    expect(redoneWords({ start, progress: progress(560) }, null)).toBeNull();
    expect(redoneWords({ ...emptyRun, progress: progress(1) }, seen)).toBeNull();
  });
});

describe('the last step that was seen', () => {
  it('is read only as it was written', () => {
    expect(readSeen('{"name":"a","step":3,"atMs":4}')).toEqual({ name: 'a', step: 3, atMs: 4 });
    for (const other of [null, '', '[]', 'null', '{"name":"a","step":"3","atMs":4}', '{"name":"a","step":1e999,"atMs":4}'])
      expect(readSeen(other)).toBeNull();
  });
});
