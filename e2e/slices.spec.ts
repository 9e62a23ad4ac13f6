import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { chooseDataset } from '../scripts/driveData.mjs';
import { downloadFrom, goTo, openPage, startRun, visibleHook, waitForEnd, waitUntilReady } from '../scripts/drivePage.mjs';
import { changeSetting } from '../scripts/driveSettings.mjs';
import type { Figures } from '../src/features/adapter/figures';
import { expectLegible } from './accessible';
import { csvFile, messages, messagesCsv, type MadeFile } from './files';
import { downloadAdapter, expect, test } from './support';

const short = { max_steps: '4', eval_steps: '2', per_device_train_batch_size: '6' };
const genres = ['letter', 'form', 'call'];

/** Rows of the test file in its order; 72 of them, 40 letters, 20 forms and 12 calls. */
const testRows = messages(72).map((row, index) => ({ ...row, genre: index < 40 ? genres[0] : index < 60 ? genres[1] : genres[2], year: 1990 + index % 30 })); // prettier-ignore

function testCsv(): MadeFile {
  const lines = testRows.map(({ text, kind, genre, year }) => `"${text}",${kind},${genre},${year}\n`);
  return csvFile('test.csv', `message,topic,genre,year\n${lines.join('')}`);
}

async function resultsOf(page: Page, files: { train: MadeFile; test?: MadeFile }): Promise<void> {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, files);
  await waitUntilReady(page);
  for (const [name, value] of Object.entries(short)) await changeSetting(page, name, value);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 120_000 });
  await goTo(page, 'Results');
  await expect(visibleHook(page, 'slices')).toContainText('texts');
}

/** Name and count of each row of a part of the table. */
async function rowsOf(page: Page, kind: 'length' | 'column' | 'rule'): Promise<[string, number][]> {
  const rows = visibleHook(page, `slices-${kind}`).locator('tr:has(td)');
  return rows.evaluateAll((elements) =>
    elements.map((row): [string, number] => {
      const name = row.querySelector('th button, th span span')?.textContent ?? '';
      return [name, Number(row.querySelector('td')?.textContent)];
    }),
  );
}

async function addRule(page: Page, kind: 'Contains' | 'Matches', text: string): Promise<void> {
  await visibleHook(page, 'slices').getByText(kind, { exact: true }).click();
  await visibleHook(page, 'rule-text').fill(text);
  await visibleHook(page, 'add-rule').click();
}

const wordsOf = (text: string): number => text.split(/\s+/).length;
const countOf = (fits: (row: (typeof testRows)[number]) => boolean): number => testRows.filter(fits).length;

test('results go by length, by genre and by a rule, on the page and in the files', async ({ page }) => {
  await resultsOf(page, { train: messagesCsv('train.csv', 60), test: testCsv() });

  // Every text is short, so quartiles stand in for the bands until one is moved.
  const quartiles = await rowsOf(page, 'length');
  expect(quartiles.length).toBeGreaterThan(1);
  expect(quartiles[0]?.[0]).toBe('quartile 1');
  expect(quartiles.reduce((sum, [, count]) => sum + count, 0)).toBe(72);
  await visibleHook(page, 'band-short').fill('300');
  await visibleHook(page, 'band-short').press('Enter');
  await expect(visibleHook(page, 'slices-length').getByRole('alert')).toContainText('300 is above 200');
  await visibleHook(page, 'band-short').fill('10');
  await visibleHook(page, 'band-short').press('Enter');
  await expect(visibleHook(page, 'slices-length')).toContainText('under 10 words');
  await visibleHook(page, 'band-long').fill('11');
  await visibleHook(page, 'band-long').press('Tab');
  await expect(visibleHook(page, 'slices-length')).toContainText('10 to 11 words');
  const bands = [
    ['short', countOf(({ text }) => wordsOf(text) < 10)],
    ['medium', countOf(({ text }) => wordsOf(text) === 10 || wordsOf(text) === 11)],
    ['long', countOf(({ text }) => wordsOf(text) > 11)],
  ];
  expect(await rowsOf(page, 'length')).toEqual(bands);

  expect(await rowsOf(page, 'column')).toEqual([['letter', 40], ['form', 20], ['call', 12]]); // prettier-ignore
  await expect(visibleHook(page, 'slices-column').locator('tr', { hasText: 'call' })).toContainText('too few to tell');
  await visibleHook(page, 'slice-column').selectOption('year');
  await expect(visibleHook(page, 'slices-column')).toContainText('quartile 4');
  await visibleHook(page, 'slice-column').selectOption('genre');
  await visibleHook(page, 'slice-figure').selectOption('macroF1');

  await addRule(page, 'Contains', 'ferry');
  const withFerry = countOf(({ text }) => text.includes('ferry'));
  await expect.poll(() => rowsOf(page, 'rule')).toEqual([['contains “ferry”', withFerry]]);
  await addRule(page, 'Matches', '(a+)\\1');
  await expect(visibleHook(page, 'rule-help')).toContainText('can take for ever');
  await addRule(page, 'Matches', '^the (tram|lift)');
  const withTram = countOf(({ text }) => /^the (tram|lift)/.test(text));
  await expect.poll(() => rowsOf(page, 'rule')).toEqual([['contains “ferry”', withFerry], ['matches /^the (tram|lift)/', withTram]]); // prettier-ignore
  await visibleHook(page, 'slices').getByRole('button', { name: 'letter', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Genre letter' })).toBeVisible();

  const figures: Figures = JSON.parse(await readFile(await (await downloadFrom(page, 'download-metrics')).path(), 'utf8'));
  const told = figures.slices.map(({ by, value, rows }) => [by, value, rows]);
  expect(told.filter(([by]) => by === 'length')).toEqual(bands.map(([value, rows]) => ['length', value, rows]));
  expect(told.filter(([by]) => by === 'rule')).toEqual([['rule', 'contains “ferry”', withFerry], ['rule', 'matches /^the (tram|lift)/', withTram]]); // prettier-ignore
  expect(told.filter(([by]) => by === 'year')).toHaveLength(4);
  for (const genre of genres) {
    const slice = figures.slices.find(({ by, value }) => by === 'genre' && value === genre);
    const rows = testRows.flatMap((row, index) => (row.genre === genre ? [index] : []));
    expect(slice?.rows).toBe(rows.length);
    for (const role of ['base', 'tuned'] as const) {
      const right = rows.filter((row) => {
        const logits = figures.logits[role][row] ?? [];
        return logits.indexOf(Math.max(...logits)) === figures.logits.labels[row];
      });
      expect(slice?.[role].accuracy).toBeCloseTo(right.length / rows.length, 12);
      const [low, high] = slice?.[role].intervals.accuracy ?? [1, 0];
      expect(low).toBeLessThanOrEqual(right.length / rows.length);
      expect(high).toBeGreaterThanOrEqual(right.length / rows.length);
    }
  }
  const { files } = await downloadAdapter(page);
  const card = new TextDecoder().decode(files['README.md']);
  expect(card).toContain('## Slices');
  expect(card).toContain('| `genre` `letter` | 40 |');
  expect(card).toContain(`| contains “ferry” | ${withFerry} |`);

  await expectLegible(page, 'Slices');

  await page.getByRole('button', { name: 'Remove the rule: contains “ferry”' }).click();
  await expect.poll(async () => (await rowsOf(page, 'rule')).length).toBe(1);
});

test('a dataset without other columns says what to add, and leads there', async ({ page }) => {
  await resultsOf(page, { train: messagesCsv('messages.csv', 60) });
  expect((await rowsOf(page, 'length')).reduce((sum, [, count]) => sum + count, 0)).toBe(6);
  await expect(visibleHook(page, 'slices')).toContainText('No other column to slice by');
  await visibleHook(page, 'slices-add-column').click();
  await expect(page.locator('#data')).toBeVisible();
});
