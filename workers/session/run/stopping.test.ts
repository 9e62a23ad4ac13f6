import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { RunPhase, TrainerEvent } from '../../api/events';
import { defaultSettings } from '../../api/model';
import type { TrainingSettings } from '../../api/settings';
import { bankCsv } from '../../testing/bankTable';
import { nanoSession } from '../../testing/nanoSession';
import { Session } from '../session';

const csv = bankCsv(600);
const settings: TrainingSettings = {
  ...defaultSettings(null, 400).settings,
  task: 'prompt',
  promptTemplate: '{text}. It is about the {label}',
  maxSteps: 2,
  perDeviceTrainBatchSize: 2,
  evalSteps: 1,
  maxLength: 40,
};
const grants = { memoryLimitBytes: null };
const session = new Session();
let events: TrainerEvent[] = [];
/** Acts on an event as it is told. */
let onEvent: (event: TrainerEvent) => void = () => {};

beforeAll(async () => {
  const listener = (event: TrainerEvent): void => {
    events.push(event);
    onEvent(event);
  };
  await nanoSession(new File([csv], 'bank.csv'), listener, session);
});
beforeEach(() => {
  events = [];
  onEvent = () => {};
});

/** The counts told, each evaluation from its 0 on. */
function counts(): { total: number; answers: boolean; done: number[] }[] {
  const evaluations: ReturnType<typeof counts> = [];
  for (const event of events) {
    if (event.kind !== 'evaluation-progress') continue;
    const { done, total, answers } = event;
    if (done === 0) evaluations.push({ total, answers, done: [] });
    evaluations.at(-1)?.done.push(done);
  }
  return evaluations;
}

function phases(): RunPhase[] {
  return events.flatMap((event) => (event.kind === 'phase' ? [event.phase] : []));
}

it('tells how many texts are judged and answered, up to the whole of each evaluation', async () => {
  const result = await session.start(settings, 'fresh', grants);
  if (result.task === 'text') throw new Error('The run learned plain text.');
  const validation = events.find((event) => event.kind === 'run-started')?.validationCount ?? 0;
  const judged = result.tuned.count;
  expect(counts().map(({ total, answers }) => [total, answers])).toEqual([
    [validation, false],
    [validation, false],
    [validation, false],
    [2 * judged, false],
    [2 * judged, true],
  ]);
  for (const { total, done } of counts()) {
    expect(done.at(-1)).toBe(total);
    expect(done).toEqual([...new Set(done)].sort((first, second) => first - second));
  }
  expect(result.written?.tuned.count).toBe(judged);
}, 120_000);

it('ends without a result when it is stopped while the base model is evaluated', async () => {
  onEvent = (event) => {
    if (event.kind === 'phase' && event.phase === 'evaluating-base') setTimeout(() => void session.stop());
  };
  await expect(session.start(settings, 'fresh', grants)).rejects.toMatchObject({ code: 'run/stopped' });
  expect(phases().at(-1)).toBe('stopped');
  expect(phases()).not.toContain('training');
  expect(events.map(({ kind }) => kind)).not.toContain('run-failed');
  const [base, ...others] = counts();
  expect(others).toEqual([]);
  expect(base?.done.at(-1)).toBeLessThan(base?.total ?? 0);
});

it('evaluates nothing when it is stopped while the device gets ready', async () => {
  onEvent = (event) => {
    if (event.kind === 'phase' && event.phase === 'compiling') void session.stop();
  };
  await expect(session.start(settings, 'fresh', grants)).rejects.toMatchObject({ code: 'run/stopped' });
  expect(counts()).toEqual([]);
});

it('finishes the evaluation under way when it is stopped in it, once, and answers freely still', async () => {
  let evaluations = 0;
  onEvent = (event) => {
    if (event.kind === 'phase' && event.phase === 'evaluating' && ++evaluations === 1) setTimeout(() => void session.stop());
  };
  const result = await session.start(settings, 'fresh', grants);
  expect(result).toMatchObject({ steps: 1, bestStep: 1, stopped: true });
  expect(counts()).toHaveLength(4);
  if (result.task !== 'prompt') throw new Error('The run answers nothing.');
  expect(result.written?.tuned.count).toBe(result.tuned.count);
}, 120_000);

it('keeps what both have answered when it is stopped while they write', async () => {
  onEvent = (event) => {
    // Past the first 32 texts of both.
    if (event.kind === 'evaluation-progress' && event.answers && event.done >= 64) void session.stop();
  };
  const { written, tuned, stopped } = await classesOf(settings);
  expect(stopped).toBe(false);
  expect(written?.tuned.count).toBeLessThan(tuned.count);
  expect(written?.samples).toHaveLength(written?.tuned.count ?? -1);
  expect(written?.base.count).toBe(written?.tuned.count);
}, 120_000);

it('has no free answers when it is stopped before both have written some, and says so', async () => {
  onEvent = (event) => {
    if (event.kind === 'evaluation-progress' && event.answers) void session.stop();
  };
  const { written, tuned } = await classesOf(settings);
  expect(written).toBeNull();
  expect(tuned.count).toBeGreaterThan(0);
  expect(events.some((event) => event.kind === 'notice' && event.message.includes('no free answers'))).toBe(true);
}, 120_000);

it('holds an evaluation while it is paused', async () => {
  let judgedAtPause = -1;
  const judged = (): number => counts().at(-1)?.done.at(-1) ?? 0;
  onEvent = (event) => {
    if (event.kind === 'phase' && event.phase === 'evaluating' && judgedAtPause < 0) setTimeout(() => void session.pause());
    if (event.kind !== 'phase' || event.phase !== 'paused' || judgedAtPause >= 0) return;
    judgedAtPause = events.length;
    setTimeout(() => {
      expect(events.length).toBe(judgedAtPause);
      expect(counts()).toHaveLength(2);
      void session.resume();
    }, 200);
  };
  await session.start({ ...settings, predictWithGenerate: false }, 'fresh', grants);
  const at = phases().indexOf('paused');
  expect(phases().slice(at - 1, at + 2)).toEqual(['evaluating', 'paused', 'evaluating']);
  expect(judged()).toBeGreaterThan(0);
}, 120_000);

async function classesOf(wanted: TrainingSettings) {
  const result = await session.start(wanted, 'fresh', grants);
  if (result.task === 'text') throw new Error('The run learned plain text.');
  return result;
}
