import { strFromU8 } from 'fflate';
import { chooseDataset } from '../scripts/driveData.mjs';
import { goTo, hook, openPage, startRun, visibleHook, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { csvFile, messages, messagesCsv } from './files';
import type { Page } from '@playwright/test';
import type { TextRunFigures } from '../src/features/adapter/figures';
import { downloadAdapter, downloadFigures, expect, expectConsistent, readFigures, test, type Outcome } from './support';

const short = {
  max_steps: '24',
  eval_steps: '12',
  per_device_train_batch_size: '8',
  learning_rate: '0.01',
  warmup_steps: '0',
};

test('three classes by prompt: words around a text, answers in words, both models writing side by side', async ({ page }) => {
  test.setTimeout(240_000);
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60) });
  await waitUntilReady(page);
  await expect(hook(page, 'setting-prompt_template')).toHaveCount(0);
  await changeSetting(page, 'task', 'prompt');
  await changeSetting(page, 'system_text', 'Messages of passengers.');
  await changeSetting(page, 'prompt_template', '{text} This is');
  await expect(page.getByText('has no {label}').first()).toBeVisible();
  await expect(visibleHook(page, 'start')).toHaveAttribute('aria-disabled', 'true');
  await changeSetting(page, 'prompt_template', '{text} This is a {label}');
  for (const [name, value] of Object.entries(short)) await changeSetting(page, name, value);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 200_000 });

  const figures = await downloadFigures(page);
  expectConsistent(figures);
  expect(figures.task).toBe('prompt');
  expect(figures.tuned.accuracy).toBeGreaterThan(figures.base.accuracy);
  const { samples, unparsed } = figures.written ?? { samples: [], unparsed: { base: 0, tuned: 1 } };
  expect(samples).toHaveLength(figures.tuned.count);
  expect(unparsed.tuned).toBeLessThan(unparsed.base);
  await expect(hook(page, 'samples').locator('tbody tr')).toHaveCount(Math.min(5, samples.length));
  await expect(page.getByText('Answers that name no label')).toBeVisible();
  await expect(page.getByText('head is untrained')).toHaveCount(0);
  await judgedEitherWay(page, figures);

  await visibleHook(page, 'playground-text').fill('the ferry was late again and nobody said why');
  await visibleHook(page, 'write').click();
  await expect(hook(page, 'prompt-pieces').locator('.fill')).toHaveText('the ferry was late again and nobody said why');
  const [base, tuned] = [hook(page, 'written-base'), hook(page, 'written-tuned')];
  await expect(tuned).toContainText('ended by itself', { timeout: 60_000 });
  await expect(tuned).toContainText(/complaint|praise|question/);
  await expect(base).toContainText(/\d+ tokens?/);

  const { files } = await downloadAdapter(page);
  expect(JSON.parse(strFromU8(files['adapter_config.json'] ?? new Uint8Array()))).toMatchObject({ task_type: 'CAUSAL_LM' });
});

/** What it writes comes first, with a fourth column for answers that name no label; likelihood is a press away. */
async function judgedEitherWay(page: Page, { tuned, written, labels }: Outcome): Promise<void> {
  const [byWriting, byLikelihood] = [written?.tuned.macro.f1 ?? -1, tuned.macro.f1].map((f1) => (f1 * 100).toFixed(1));
  const matrices = hook(page, 'matrices');
  await expect(hook(page, 'headline')).toContainText(byWriting ?? '');
  await expect(matrices.locator('thead').first().locator('th')).toHaveCount(labels.length + 2);
  const none = written?.base.confusion.map((row) => row[labels.length] ?? 0) ?? [];
  const row = none.findIndex((count) => count > 0);
  await matrices
    .locator('table')
    .first()
    .getByRole('button', { name: `true ${labels[row]}, predicted no label` })
    .click();
  await expect(page.getByRole('heading', { name: `${labels[row]} answered without a label` })).toBeVisible();
  await expect(hook(page, 'cell-texts').locator('li')).toHaveCount(Math.min(7, none[row] ?? 0));
  await expect(visibleHook(page, 'slice-figure').locator('option', { hasText: 'Loss' })).toHaveCount(0);

  await hook(page, 'judged-by').getByText('Likelihood', { exact: true }).click();
  await expect(hook(page, 'headline')).toContainText(byLikelihood ?? '');
  await expect(matrices.locator('thead').first().locator('th')).toHaveCount(labels.length + 1);
  await expect(visibleHook(page, 'slice-figure').locator('option', { hasText: 'Loss' })).toHaveCount(1);
}

test('no steps: the base model is judged alone', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: messagesCsv('messages.csv', 60) });
  await waitUntilReady(page);
  await changeSetting(page, 'task', 'prompt');
  await changeSetting(page, 'max_steps', '0');
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 150_000 });
  await goTo(page, 'Run');
  const figures = await downloadFigures(page);
  expect(figures.steps).toBe(0);
  expect(figures.tuned).toEqual(figures.base);
});

test('plain text without labels: perplexity before and after, and both models write on', async ({ page }) => {
  test.setTimeout(240_000);
  await openPage(page, '?device=wasm');
  const paragraphs = messages(48).map(({ text }) => `${text}.`);
  await chooseDataset(page, { train: csvFile('logbook.txt', paragraphs.join('\n\n')) });
  await waitUntilReady(page);
  await expect(hook(page, 'setting-task').locator('input:checked')).toHaveValue('text');
  await expect(hook(page, 'label-column')).toHaveCount(0);
  for (const [name, value] of Object.entries({ ...short, per_device_train_batch_size: '4', max_length: '32' }))
    await changeSetting(page, name, value);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 200_000 });
  await goTo(page, 'Run');
  await expect(hook(page, 'perplexities').locator('tbody tr')).toHaveCount(3);
  const figures: TextRunFigures = JSON.parse(await readFigures(page));
  expect(figures.perplexity.tuned).toBeLessThan(figures.perplexity.base / 2);
  expect(figures.settings).toMatchObject({ task: 'text' });
  await expect(hook(page, 'perplexity')).toContainText(figures.perplexity.tuned.toFixed(2));
  await visibleHook(page, 'playground-text').fill('the night bus');
  await visibleHook(page, 'write').click();
  await expect(hook(page, 'written-tuned')).toContainText(/ended by itself|cut off/, { timeout: 60_000 });
});
