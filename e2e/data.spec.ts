import { strFromU8, unzipSync } from 'fflate';
import { readFileSync } from 'node:fs';
import { chooseDataset } from '../scripts/driveData.mjs';
import { downloadFrom, goTo, hook, openPage, startRun, visibleHook, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { expectAccessible } from './accessible';
import { csvFile } from './files';
import type { Figures } from '../src/features/adapter/figures';
import { expect, readFigures, test } from './support';

const kinds = ['complaint', 'question', 'praise'] as const;
const lines = [
  '<p>the lift says &quot;closed&quot; again</p>',
  '@desk where is the   N7 now, see https://pics.example/1',
  'thank you for the warm waiting room',
];

/** Messy messages by 20 writers, every fortieth of a rare class. */
function inbox(count: number): string {
  const rows = Array.from({ length: count }, (_, index) => {
    const topic = index % 40 === 7 ? 'danger' : kinds[index % 3];
    return `"${lines[index % 3]} ${index}",${topic},writer ${index % 20}\n`;
  });
  // The same text in many rows; and cells that must stay text.
  const same = Array.from({ length: 40 }, (_, index) => `"is there a bus tonight",question,writer ${index % 4}\n`);
  const hostile = `"<img src=x onerror=""document.title='bad'"">this is still a text",danger,writer 1\n`;
  return `message,topic,writer\n${rows.join('')}${same.join('')}${hostile}`;
}

test('texts are cleaned: counts, before and after, in the run, its files and the playground', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: csvFile('inbox.csv', inbox(150)) });
  await waitUntilReady(page);
  await hook(page, 'open-data').click();
  await expect(hook(page, 'changed-texts')).toContainText('0 texts change');
  await changeSetting(page, 'clean.html', 'true');
  await changeSetting(page, 'clean.urls', 'true');
  await changeSetting(page, 'clean.whitespace', 'true');
  await expect(hook(page, 'changed-texts')).toContainText('101 texts change');
  await expect(hook(page, 'change').first().locator('del').first()).toHaveText('<p>');
  await expect(page.locator('[data-testid="change"] ins', { hasText: '[link]' }).first()).toBeVisible();
  await changeSetting(page, 'clean.min_words', '3');
  await hook(page, 'setting-clean.duplicates').click();
  await expect(hook(page, 'skipped-rows')).toContainText('text that came before');
  await expect(page.getByText('152 rows').or(page.getByText('151 rows')).first()).toBeVisible();
  await expectAccessible(page, 'Data open');
  // Cells stay text wherever they are shown.
  await hook(page, 'browse-search').fill('still a text');
  await expect(hook(page, 'browse-rows').locator('tbody tr')).toHaveCount(1);
  expect(await page.title()).not.toBe('bad');
  for (const [name, value] of Object.entries({ max_steps: '2', per_device_train_batch_size: '8' }))
    await changeSetting(page, name, value);
  await waitUntilReady(page);
  await expect(hook(page, 'first-batch').locator('tbody tr')).toHaveCount(6);
  await expect(hook(page, 'first-batch')).toContainText('none of them padding');
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 150_000 });
  const figures: Figures = JSON.parse(await readFigures(page));
  expect(figures.preparation).toMatchObject({
    text_column: 'message',
    'clean.html': true,
    'clean.urls': true,
    'clean.whitespace': true,
    'clean.duplicates': true,
    'clean.min_words': 3,
  });
  const archive = unzipSync(readFileSync(await (await downloadFrom(page, 'download-adapter')).path()));
  const card = Object.entries(archive).find(([name]) => name.endsWith('README.md'));
  expect(strFromU8(card?.[1] ?? new Uint8Array())).toContain('`clean.html`');
  await goTo(page, 'Results');
  await visibleHook(page, 'playground-text').fill('<b>thank   you</b> @desk');
  await expect(hook(page, 'cleaned-text')).toHaveText('thank you [name]');
});

test('a grouped split, rows a class, and class weights', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: csvFile('inbox.csv', inbox(300)) });
  await waitUntilReady(page);
  await hook(page, 'open-data').click();
  await expect(hook(page, 'split-part')).toContainText('1 text stands in two parts');
  await hook(page, 'split-same-text').click();
  await expect(hook(page, 'split-part')).toContainText('1 text stood in two parts');
  await hook(page, 'split-grouped').click();
  await expect(hook(page, 'split')).toContainText('no writer in two parts');
  await expect(hook(page, 'split-part')).toContainText('20 distinct values of writer');
  const table = hook(page, 'class-table');
  await expect(table.getByRole('row', { name: /^all/ })).toContainText('100 %');
  await page.getByText('Rows a class').click();
  await hook(page, 'split-train').fill('6');
  await hook(page, 'split-train').press('Enter');
  await expect(hook(page, 'split')).toContainText('of no part');
  await page.getByText('By ratio').click();

  const warning = page.locator('[data-testid="dataset-warning"][data-code="class-imbalance"]');
  await expect(warning).toContainText('danger is');
  await hook(page, 'use-class-weights').click();
  await expect(warning).toContainText('Class weights count its errors');
  for (const [name, value] of Object.entries({ max_steps: '3', per_device_train_batch_size: '8' }))
    await changeSetting(page, name, value);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 150_000 });
  const figures: Figures = JSON.parse(await readFigures(page));
  expect(figures.settings).toMatchObject({ class_weights: 'balanced' });
  expect(figures.classWeights).toHaveLength(4);
  const danger = figures.labels.indexOf('danger');
  expect(Math.max(...(figures.classWeights ?? []))).toBe(figures.classWeights?.[danger]);
  expect(figures.preparation).toMatchObject({ split: { group_column: 'writer', same_text_together: true } });
});

test('the line at which texts are cut moves by arrows, and columns can be joined', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: csvFile('inbox.csv', inbox(90)) });
  await waitUntilReady(page);
  await hook(page, 'open-data').click();
  const line = hook(page, 'cut-line');
  await line.focus();
  await line.press('Home');
  await expect(hook(page, 'setting-max_length')).toHaveValue('4');
  await line.press('PageUp');
  await line.press('ArrowLeft');
  await expect(line).toHaveAttribute('aria-valuenow', '19');
  await expect(hook(page, 'lengths')).toContainText('Longest');
  await hook(page, 'text-pair').click();
  await expect(hook(page, 'text-pair-column')).toHaveValue('writer');
  await hook(page, 'text-pair-joiner').fill(' | ');
  await hook(page, 'text-pair-joiner').press('Enter');
  await hook(page, 'browse-search').fill('| writer 7');
  await expect(hook(page, 'browse-rows')).toContainText('again');
  // A file that joins leaves what was chosen as it is.
  await hook(page, 'setting-clean.lowercase').click();
  await hook(page, 'file-test').setInputFiles(csvFile('test.csv', inbox(60)));
  await expect(hook(page, 'split')).toContainText('test from its own file');
  await expect(hook(page, 'setting-clean.lowercase')).toBeChecked();
  await expect(hook(page, 'text-pair-joiner')).toHaveValue(' | ');
  await hook(page, 'edit-labels').click();
  await page.getByLabel('Name of praise').fill('thanks');
  await page.getByLabel('Name of praise').press('Enter');
  await expect(hook(page, 'class-table')).toContainText('thanks');
  // A run on pairs is tried with a pair, each text cleaned by itself and both joined as in the data.
  for (const [name, value] of Object.entries({ max_steps: '2', per_device_train_batch_size: '8' }))
    await changeSetting(page, name, value);
  await waitUntilReady(page);
  // What an epoch takes is known before any run.
  await expect(hook(page, 'pace')).toContainText('by a short trial on this device');
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 150_000 });
  await goTo(page, 'Results');
  await visibleHook(page, 'playground-text').fill('THE LIFT is closed');
  await visibleHook(page, 'playground-second').fill('Writer 7');
  await expect(hook(page, 'cleaned-text')).toHaveText('the lift is closed | writer 7');
  await expect(hook(page, 'prediction')).toContainText('thanks');
  await page.getByLabel('writer', { exact: true }).fill(' ');
  await expect(hook(page, 'prediction')).toHaveCount(0);
});
