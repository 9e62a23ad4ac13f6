import { beforeAll, describe, expect, it } from 'vitest';
import { defaultSettings } from '../../api/model';
import type { ClassResult } from '../../api/results';
import type { TrainingSettings } from '../../api/settings';
import { defaultSlices } from '../../api/slices';
import { readZip } from '../../files/zip';
import { nanoSession } from '../../testing/nanoSession';
import type { Session } from '../session';

const kinds = ['0', '1', '2'];
const csv = [
  'text,label',
  ...Array.from({ length: 36 }, (_, row) => `My ${['card', 'cash', 'transfer'][row % 3]} number ${row} is lost,${row % 3}`),
].join('\n');

const settings: TrainingSettings = {
  ...defaultSettings(null, 24).settings,
  task: 'prompt',
  promptTemplate: '{text}. It is about the {label}',
  labelWords: { 0: 'card', 1: 'cash', 2: 'transfer' },
  maxSteps: 24,
  perDeviceTrainBatchSize: 6,
  learningRate: 1e-2,
  warmupSteps: 0,
  evalSteps: 24,
  loraDropout: 0,
  maxLength: 40,
};
const grants = { memoryLimitBytes: null };

describe('the preview of a training text', () => {
  let session: Session;
  beforeAll(async () => void (session = await nanoSession(new File([csv], 'bank.csv'))));

  it('shows the prompt in the tokens of training, with the answer in the label’s word', async () => {
    const preview = await session.previewRow(settings, 1);
    const { row, rows, pieces, lossTokens, tokens, answers, label } = preview;
    expect([row, rows]).toEqual([1, 28]);
    const learned = pieces.filter(({ carriesLoss }) => carriesLoss);
    expect(learned.map(({ text }) => text).join('')).toBe(` ${settings.labelWords[label ?? '']}<|endoftext|>`);
    expect(learned.at(-1)).toMatchObject({ kind: 'special' });
    expect(lossTokens).toBe(learned.length);
    expect(pieces.find(({ kind }) => kind === 'row')?.text).toMatch(/^My \w+ number \d+ is lost$/);
    expect(answers?.words.map(({ label: name, word, tokens: written }) => [name, word, written.join('')])).toEqual([
      ['0', 'card', ' card'], ['1', 'cash', ' cash'], ['2', 'transfer', ' transfer'],
    ]); // prettier-ignore
    const plan = await session.planRun(settings, grants);
    expect(plan.task).toBe('prompt');
    expect(plan.targetsPerEpoch).toBeGreaterThanOrEqual(28 * 2);
    const all = await Promise.all(Array.from({ length: 28 }, (_, index) => session.previewRow(settings, index + 1)));
    // A text's last token is learned but not read: nothing comes after it.
    expect(all.reduce((sum, each) => sum + each.tokens - 1, 0)).toBe(plan.tokensPerEpoch);
    expect(all.reduce((sum, each) => sum + each.lossTokens, 0)).toBe(plan.targetsPerEpoch);
    expect(tokens).toBe(all[0]?.tokens);
  });

  it('keeps to the rows there are, cuts what is too long, and takes the longest answer from the settings', async () => {
    expect((await session.previewRow(settings, 99)).row).toBe(28);
    const short = await session.previewRow({ ...settings, maxLength: 12 }, 1);
    expect(short).toMatchObject({ isCut: true, tokens: expect.toSatisfy((count: number) => count <= 12) });
    expect((await session.previewRow({ ...settings, maxNewTokens: 9 }, 1)).answers?.writtenTokens).toBe(9);
  });

  it('shows a head’s text and the blocks of plain text', async () => {
    const head = await session.previewRow({ ...settings, task: 'head' }, 2);
    expect(head).toMatchObject({ row: 2, lossTokens: 0, answers: null, isCut: false });
    expect(head.pieces).toEqual([{ text: expect.stringMatching(/^My/), kind: 'row', carriesLoss: false }]);
    expect(kinds).toContain(head.label);
    const text: TrainingSettings = { ...settings, task: 'text', maxLength: 24 };
    const plan = await session.planRun(text, grants);
    const block = await session.previewRow(text, 1);
    expect(block).toMatchObject({ rows: plan.trainRows, tokens: 24, lossTokens: 23, label: null });
    expect(block.pieces[0]?.carriesLoss).toBe(false);
    expect(block.pieces.slice(1).every(({ carriesLoss }) => carriesLoss)).toBe(true);
  });

  it('refuses what a run would refuse', async () => {
    const same = session.previewRow({ ...settings, labelWords: { 0: 'cash', 1: 'cash' } }, 1);
    await expect(same).rejects.toMatchObject({ code: 'settings/invalid', details: { setting: 'labelWords' } });
    await expect(session.previewRow({ ...settings, learningRate: NaN }, 1)).resolves.toBeDefined();
  });
});

describe('a run with words of its own in some blocks', () => {
  const some: TrainingSettings = { ...settings, layersToTransform: [1, 3], predictWithGenerate: false };
  let session: Session;
  let result: ClassResult;
  beforeAll(async () => {
    session = await nanoSession(new File([csv], 'bank.csv'));
    const ran = await session.start(some, 'fresh', grants);
    if (ran.task === 'text') throw new Error('The run learned plain text.');
    result = ran;
  }, 120_000);

  it('trains those blocks alone', async () => {
    const all = await session.planRun({ ...some, layersToTransform: [] }, grants);
    const half = await session.planRun(some, grants);
    expect(half.trainableParameters).toBe(all.trainableParameters / 2);
    await expect(session.planRun({ ...some, layersToTransform: [4] }, grants)).rejects.toThrow('4 blocks');
  });

  it('learns the words, and writes nothing where it is not asked to', () => {
    expect(result.labels).toEqual(kinds);
    expect(result.tuned.accuracy).toBeGreaterThan(result.base.accuracy);
    expect(result.tuned.loss).toBeLessThan(0.8 * result.base.loss);
    expect(result.written).toBeNull();
    expect(result.settings).toMatchObject({ labelWords: settings.labelWords, layersToTransform: [1, 3] });
  });

  it('leaves files that tell both, and an adapter that judges the same elsewhere', async () => {
    const { blob, name } = await session.exportAdapter(defaultSlices);
    const files = readZip(new Uint8Array(await blob.arrayBuffer()), name);
    const text = (file: string): string => new TextDecoder().decode(files.get(file));
    expect(JSON.parse(text('adapter_config.json'))).toMatchObject({ target_modules: ['c_attn'], layers_to_transform: [1, 3] });
    expect(JSON.parse(text('training_log.json'))).toMatchObject({
      settings: { label_words: settings.labelWords, layers_to_transform: [1, 3], predict_with_generate: false },
    });
    expect(text('README.md')).toContain('`0`, answered with `card`');
    const other = await nanoSession(new File([csv], 'bank.csv'));
    await other.importAdapter([new File([blob], name)]);
    const again = await other.evaluateAdapter();
    expect(again).toMatchObject({ labels: kinds, tuned: { confusion: result.tuned.confusion } });
    if (again.task === 'text') throw new Error('The adapter writes plain text.');
    expect(again.tuned.loss).toBeCloseTo(result.tuned.loss, 5);
    expect(again.written?.samples[0]?.tuned.text.trim()).toMatch(/^(card|cash|transfer)$/);
  }, 60_000);
});
