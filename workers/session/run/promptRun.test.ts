import { beforeAll, describe, expect, it } from 'vitest';
import type { TrainerEvent } from '../../api/events';
import { defaultSettings } from '../../api/model';
import type { ClassResult, RunResult } from '../../api/results';
import type { TrainingSettings } from '../../api/settings';
import { defaultSlices } from '../../api/slices';
import { readZip } from '../../files/zip';
import { bankCsv, bankKinds } from '../../testing/bankTable';
import { nanoSession } from '../../testing/nanoSession';
import type { Session } from '../session';

const csv = bankCsv(36);

const settings: TrainingSettings = {
  ...defaultSettings(null, 24).settings,
  task: 'prompt',
  promptTemplate: '{text}. It is about the {label}',
  maxSteps: 24,
  perDeviceTrainBatchSize: 6,
  learningRate: 1e-2,
  warmupSteps: 0,
  evalSteps: 24,
  loraDropout: 0,
  maxLength: 40,
};
const grants = { memoryLimitBytes: null };
const events: TrainerEvent[] = [];

function classes(result: RunResult): ClassResult {
  if (result.task === 'text') throw new Error('The run learned plain text.');
  return result;
}

describe('a run by prompt', () => {
  let session: Session;
  let result: ClassResult;
  beforeAll(async () => {
    session = await nanoSession(new File([csv], 'bank.csv'), (event) => void events.push(event));
    const plan = await session.planRun(settings, grants);
    expect(plan).toMatchObject({ trainRows: 28, totalSteps: 24, memoryProblem: null });
    expect(plan.tokens.longest).toBeLessThanOrEqual(40);
    result = classes(await session.start(settings, 'fresh', grants));
  }, 120_000);

  it('learns to answer with the words for the classes', () => {
    expect(result.task).toBe('prompt');
    expect(result.tuned.accuracy).toBeGreaterThan(0.9);
    expect(result.tuned.loss).toBeLessThan(result.base.loss / 2);
  });

  it('lets both models answer the judged texts by themselves', () => {
    const { samples, unparsed } = result.written ?? { samples: [], unparsed: { base: 0, tuned: 1 } };
    expect(samples).toHaveLength(result.tuned.count);
    for (const sample of samples) expect(sample.tuned).toEqual({ text: ` ${sample.label}`, label: sample.label });
    expect(unparsed.tuned).toBe(0);
    expect(unparsed.base).toBeGreaterThan(0.5);
  });

  it('judges what they write as it judges by likelihood, with a column for answers that name no label', async () => {
    const { base, tuned, righted, lost } = result.written ?? { base: null, tuned: null, righted: 0, lost: 0 };
    expect(tuned).toMatchObject({ count: result.tuned.count, accuracy: 1, unparsed: 0, macro: { f1: 1 } });
    const none = base?.confusion.map((row) => row[bankKinds.length] ?? 0) ?? [];
    expect(none.reduce((sum, count) => sum + count, 0) / result.tuned.count).toBeCloseTo(base?.unparsed ?? 1, 12);
    expect(base?.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(result.tuned.count);
    expect(righted - lost).toBe(Math.round((1 - (base?.accuracy ?? 0)) * result.tuned.count));
    for (const [index, actual] of bankKinds.entries()) {
      const texts = await session.textsOfCell({ judgedBy: 'writing', model: 'base', actual, predicted: null });
      expect(texts).toHaveLength(none[index] ?? -1);
      for (const text of texts)
        expect(text).toMatchObject({ label: actual, predicted: null, probability: null, answer: expect.any(String) });
    }
    const { all } = await session.slices({ ...defaultSlices, judgedBy: 'writing' });
    expect(all.tuned).toMatchObject({ accuracy: 1, macroF1: 1, loss: null, calibrationError: null });
  });

  it('answers a text of the user, and writes after it word by word', async () => {
    const { base, tuned } = await session.predict('My cash number 3 did not arrive');
    expect(tuned.map(({ probability }) => probability).indexOf(Math.max(...tuned.map((each) => each.probability)))).toBe(1);
    expect(base).not.toEqual(tuned);
    events.length = 0;
    const request = { text: 'My cash number 3 did not arrive', maxNewTokens: 8, doSample: false, temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, seed: 0 }; // prettier-ignore
    const written = await session.generate(request);
    expect(written.tuned).toMatchObject({ text: ' cash', ended: 'stop' });
    const said = events.flatMap((event) => (event.kind === 'generated' && event.model === 'base' ? [event.text] : []));
    expect(said).toHaveLength(written.base.tokens);
    expect(said.at(-1)).toBe(written.base.text);
    await expect(session.generate({ ...request, topP: 0 })).rejects.toThrow('top_p is 0');
  });

  it('shows the prompt that they are given, and where the text stands in it', async () => {
    const { pieces, tokens, isCut } = await session.showPrompt('My cash');
    expect(pieces).toEqual([
      { text: 'My cash', kind: 'row', carriesLoss: false },
      { text: '. It is about the', kind: 'around', carriesLoss: false },
    ]);
    expect(tokens).toBeGreaterThan(4);
    expect(isCut).toBe(false);
    expect((await session.showPrompt('cash '.repeat(60))).isCut).toBe(true);
  });

  it('is stopped while it writes, and keeps what is there', async () => {
    const request = { text: 'My cash', maxNewTokens: 200, doSample: true, temperature: 5, topK: 0, topP: 1, repetitionPenalty: 1, seed: 1 }; // prettier-ignore
    events.length = 0;
    const writing = session.generate(request);
    while (!events.some(({ kind }) => kind === 'generated')) await new Promise((resolve) => setTimeout(resolve, 1));
    await session.stopGeneration();
    const { base, tuned } = await writing;
    expect(base.ended).toBe('cancelled');
    expect(base.tokens).toBeGreaterThan(0);
    expect(tuned.ended).not.toBe('length');
    expect(tuned.tokens).toBeLessThan(200);
  });

  it('leaves an adapter for a language model, which another visit imports with its prompt', async () => {
    const { blob, name } = await session.exportAdapter(defaultSlices);
    const files = readZip(new Uint8Array(await blob.arrayBuffer()), name);
    const text = (file: string): string => new TextDecoder().decode(files.get(file));
    expect(JSON.parse(text('adapter_config.json'))).toMatchObject({ task_type: 'CAUSAL_LM', modules_to_save: null });
    expect(text('README.md')).toContain('pipeline_tag: text-generation');
    expect(text('README.md')).toContain('AutoModelForCausalLM');
    const other = await nanoSession(new File([csv], 'bank.csv'), (event) => void events.push(event));
    const adapter = await other.importAdapter([new File([blob], name)]);
    expect(adapter).toMatchObject({ task: 'prompt', labels: bankKinds, labelsAreGuessed: false });
    const again = classes(await other.evaluateAdapter());
    expect(again.tuned.confusion).toEqual(result.tuned.confusion);
    expect(again.tuned.loss).toBeCloseTo(result.tuned.loss, 5);
    expect(again.written).toEqual(result.written);
  }, 60_000);

  it('scores the base model alone in no steps, then goes back to a head on the same device', async () => {
    const alone = classes(await session.start({ ...settings, maxSteps: 0 }, 'fresh', grants));
    expect(alone).toMatchObject({ steps: 0, bestStep: 0, base: result.base, tuned: result.base });
    expect(alone.written?.unparsed.tuned).toBe(result.written?.unparsed.base);
    const head = await session.start({ ...settings, task: 'head', maxSteps: 2 }, 'fresh', grants);
    expect(head).toMatchObject({ task: 'head', written: null, steps: 2 });
    await expect(session.slices({ ...defaultSlices, judgedBy: 'writing' })).rejects.toThrow('writes nothing');
    await expect(session.generate({ text: 'x', maxNewTokens: 8, doSample: false, temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, seed: 0 })).rejects.toThrow('classification head'); // prettier-ignore
  }, 60_000);
});

it('refuses a template without a place for the label before anything is loaded', async () => {
  const session = await nanoSession(new File([csv], 'bank.csv'), (event) => void events.push(event));
  const problem = session.planRun({ ...settings, promptTemplate: '{text}' }, grants);
  await expect(problem).rejects.toMatchObject({ code: 'settings/invalid', details: { setting: 'promptTemplate' } });
});

describe('a run on plain text', () => {
  it('learns every token, tells perplexity before and after, writes on, and leaves an adapter to go on from', async () => {
    const session = await nanoSession(new File([csv], 'bank.csv'), (event) => void events.push(event));
    const text: TrainingSettings = { ...settings, task: 'text', maxLength: 24, maxSteps: 20, evalSteps: 10 };
    const plan = await session.planRun(text, grants);
    expect(plan.tokensPerEpoch).toBeGreaterThan(plan.trainRows * 20);
    events.length = 0;
    const result = await session.start(text, 'fresh', grants);
    if (result.task !== 'text') throw new Error('The run learned classes.');
    expect(result.tuned.perplexity).toBeLessThan(result.base.perplexity / 4);
    expect(result.base.perplexity).toBeCloseTo(Math.exp(result.base.loss), 6);
    const told = events.flatMap((event) => (event.kind === 'text-evaluation' ? [`${event.model} ${event.step}`] : []));
    expect(told).toEqual(['base 0', 'tuned 10', 'tuned 20']);
    const request = { text: 'My cash number', maxNewTokens: 12, doSample: false, temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, seed: 0 }; // prettier-ignore
    expect((await session.generate(request)).tuned.text).toContain('did not arrive');
    await expect(session.predict('My cash')).rejects.toThrow('no classes');
    const { blob, name } = await session.exportAdapter(defaultSlices);
    const card = new TextDecoder().decode(readZip(new Uint8Array(await blob.arrayBuffer()), name).get('README.md'));
    expect(card).toContain('| Perplexity |');
    const other = await nanoSession(new File([csv], 'bank.csv'), (event) => void events.push(event));
    expect(await other.importAdapter([new File([blob], name)])).toMatchObject({ task: 'text', labels: [] });
    const again = await other.evaluateAdapter();
    expect(again).toMatchObject({ task: 'text', tuned: { loss: expect.closeTo(result.tuned.loss, 5) } });
  }, 120_000);
});
