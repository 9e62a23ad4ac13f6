import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Download, Page } from '@playwright/test';
import Papa from 'papaparse';
import { chooseDataset } from '../scripts/driveData.mjs';
import { downloadFrom, goTo, hook, openPage, startRun, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import { expectAccessible, expectNoSideways } from './accessible';
import { messages } from './files';
import { downloadAdapter, expect, test } from './support';

const rows = 1500;
const table = [
  '=id,message,probability',
  ...Array.from(
    { length: rows },
    (_, row) => `${row},I ${row % 2 ? 'liked' : 'hated'} it${' very much'.repeat(row % 4)},${-row}`,
  ),
  '1500,=1+1,x',
  '1501,,x',
  'ragged,row',
].join('\n');

async function textOf(download: Download): Promise<string> {
  return readFile(await download.path(), 'utf8');
}

async function cellsOf(download: Download): Promise<string[][]> {
  return Papa.parse<string[]>((await textOf(download)).replace('\ufeff', ''), { skipEmptyLines: true }).data;
}

/** Labelled messages whose classes nobody would choose. */
const named: Record<string, string> = { complaint: '<b>complaint</b>', praise: '=praise', question: 'question: "why",\nor not' };
const dataset = messages(60)
  .map(({ text, kind }) => JSON.stringify({ text, kind: named[kind] }))
  .join('\n');

/** `npm run tune -- --predict` as a script would call it; the folder with what came out. */
async function predicted(adapter: Buffer, fileName: string, content: string): Promise<string> {
  const path = (name: string): string => test.info().outputPath(name);
  await writeFile(path('adapter.zip'), adapter);
  await writeFile(path(fileName), content);
  const words = ['--predict', path(fileName), '--adapter', path('adapter.zip'), '--out', path('out'), '--device', 'wasm'];
  await promisify(execFile)(process.execPath, ['scripts/tune.mjs', ...words], { timeout: 150_000 });
  return path('out');
}

async function give(page: Page, name: string, text: string): Promise<void> {
  await hook(page, 'label-file').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
}

async function labelledRows(page: Page): Promise<number> {
  return Number(await hook(page, 'label-done').getAttribute('data-done'));
}

test('a file is labelled, stopped, gone on with after a reload, reviewed and taken away; an imported adapter does it too', async ({
  page,
  context,
}) => {
  test.setTimeout(240_000);
  await openPage(page, '?device=wasm');
  await chooseDataset(page, {
    train: { name: 'messages.jsonl', mimeType: 'application/x-ndjson', buffer: Buffer.from(dataset) },
  });
  await waitUntilReady(page);
  await changeSetting(page, 'max_steps', '6');
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 120_000 });
  const adapter = await downloadAdapter(page);

  await give(page, 'mail.csv', table);
  await expect(hook(page, 'label-text-column')).toHaveValue('message');
  await expect(hook(page, 'label-left-out')).toContainText('1 with too few fields (first: row 1,503)');
  await expect(hook(page, 'label-first-rows')).toContainText('I hated it');
  await page.evaluate(() => scrollTo(0, 0));
  await expectAccessible(page, 'A table to label');
  const other = await context.newPage();
  await openPage(other, '?device=wasm');
  await goTo(other, 'Results');
  await expect(hook(other, 'label-panel')).toContainText('Nothing is here that labels it.');
  await page.bringToFront();
  await hook(page, 'label-start').click();
  await expect(hook(page, 'label-progress')).toContainText(/of 1,502 rows, .+ rows a second/, { timeout: 60_000 });
  await expect(hook(page, 'label-file')).toBeDisabled();
  await hook(page, 'label-stop').click();
  await expect(hook(page, 'label-done')).toHaveAttribute('data-finished', 'false');
  const stopped = await labelledRows(page);
  expect(stopped).toBeGreaterThan(0);
  expect(stopped).toBeLessThan(1502);
  const partial = await textOf(await downloadFrom(page, 'label-download'));
  const script = predicted(Buffer.from(adapter.zip), 'mail.csv', table);

  await page.reload();
  await expect(hook(page, 'label-continue')).toBeVisible();
  await goTo(page, 'Prepare');
  await waitUntilReady(page);
  await expect(hook(page, 'unfinished-labelling')).toContainText('mail.csv');
  await hook(page, 'unfinished-labelling').getByRole('button', { name: 'Show it' }).click();
  await hook(page, 'label-continue').click();
  await expect(hook(page, 'label-progress')).toContainText('rows');
  await give(other, 'other.csv', 'text\nx\n');
  await expect(hook(other, 'error')).toContainText('A table is being labelled in another tab');
  await other.close();
  await expect(hook(page, 'label-done')).toHaveAttribute('data-finished', 'true', { timeout: 120_000 });
  expect(await labelledRows(page)).toBe(1502);
  const whole = await downloadFrom(page, 'label-download');
  expect((await textOf(whole)).startsWith(partial)).toBe(true);
  const all = await cellsOf(whole);
  const [header, ...labelled] = all;
  const classes = Object.values(named).toSorted();
  const harmless = (label: string): string => label.replace(/^=/, "'=");
  expect(header).toEqual(["'=id", 'message', 'probability', 'predicted_label', 'probability_2', ...classes.map((label) => `probability_${label}`)]); // prettier-ignore
  const strangers = labelled.slice(0, 1501).filter((cells) => !classes.map(harmless).includes(cells[3] ?? ''));
  expect(strangers).toEqual([]);
  expect(labelled.map(([id]) => id)).toEqual(Array.from({ length: 1502 }, (_, row) => String(row)));
  expect(labelled.slice(1498).map((cells) => cells.slice(1, 3))).toEqual([
    ['I hated it very much very much', '-1498'],
    ['I liked it very much very much very much', '-1499'],
    ["'=1+1", 'x'],
    ['', 'x'],
  ]);
  expect(labelled.at(-1)?.slice(3).join('')).toBe('');

  await hook(page, 'label-threshold').fill('100');
  await expect(hook(page, 'label-below')).toContainText('1,501 of 1,502 rows are under 100 %');
  await expect(hook(page, 'label-review-rows').locator('tbody tr')).toHaveCount(10);
  await hook(page, 'label-search').fill('very much very much very much');
  await expect(hook(page, 'label-review-rows').locator('tbody tr').first()).toContainText(
    'I liked it very much very much very much',
  );
  const review = await cellsOf(await downloadFrom(page, 'label-review-download'));
  expect(review).toEqual(all.filter((cells) => cells[3] !== ''));
  // What lies half under the bar is small to axe.
  await page.evaluate(() => scrollTo(0, 0));
  await expectAccessible(page, 'A labelled table');
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await expect(() => expectNoSideways(page, `Labelled at ${width}`)).toPass({ timeout: 5000 });
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await hook(page, 'label-discard').click();
  await hook(page, 'label-discard-confirm').click();
  await expect(hook(page, 'choose-label-file')).toHaveCount(0);

  await goTo(page, 'Prepare');
  await hook(page, 'file-adapter').setInputFiles({ name: adapter.name, mimeType: 'application/zip', buffer: adapter.zip });
  await expect(hook(page, 'adapter-summary')).toBeVisible();
  await give(page, 'empty.csv', 'id,text\n');
  await expect(hook(page, 'error')).toContainText('there is no row in it');
  await give(page, 'mail.jsonl', '{"__proto__": 1, "text": "I liked it"}\n{"__proto__": 2, "text": "I hated it"}\n');
  await expect(hook(page, 'label-text-column')).toHaveValue('text');
  await hook(page, 'label-start').click();
  await expect(hook(page, 'label-done')).toHaveAttribute('data-finished', 'true', { timeout: 60_000 });
  const lines = (await textOf(await downloadFrom(page, 'label-download'))).trimEnd().split('\n');
  expect(lines.map((line) => line.slice(0, 41))).toEqual([
    '{"__proto__": 1, "text": "I liked it","pr',
    '{"__proto__": 2, "text": "I hated it","pr',
  ]);
  await page.evaluate(() => scrollTo(0, 0));
  await expectAccessible(page, 'Labelled by an imported adapter');
  // An adapter on a script's page labels as the run that left it, to the byte.
  expect(await readFile(join(await script, 'mail labelled.csv'), 'utf8')).toBe(await textOf(whole));
});
