import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { gzipSync, strToU8, zipSync } from 'fflate';
import type { DatasetReport } from '../workers/api/dataset';
import { tableFiles } from '../workers/testing/tableFiles';
import { chooseDataset, downloadReport } from '../scripts/driveData.mjs';
import { hook, openPage, visibleHook, waitUntilReady } from '../scripts/drivePage.mjs';
import { messages, type MadeFile } from './files';
import { expect, test } from './support';

const rows = messages(60).map(({ text, kind }) => ({ text, label: kind }));
const lines = rows
  .map(({ text, label }) => `${text}\0${label}\n`)
  .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
const hash = createHash('sha256').update(lines.join('')).digest('hex');

function made(name: string, content: Uint8Array | string): MadeFile {
  return { name, mimeType: '', buffer: Buffer.from(content) };
}

async function reportOf(page: Page): Promise<DatasetReport> {
  const report: DatasetReport = JSON.parse(await readFile(await (await downloadReport(page, 60_000)).path(), 'utf8'));
  return report;
}

test.describe('the same rows give the same dataset', () => {
  for (const kind of ['Parquet', 'folders', 'UTF-16', 'JSON', 'gzip']) {
    test(`as ${kind}`, async ({ page }) => {
      const file = tableFiles(rows).get(kind)!;
      await openPage(page, '?device=wasm');
      await chooseDataset(page, { train: made('messages', new Uint8Array(await file.arrayBuffer())) });
      const report = await reportOf(page);
      expect(report).toMatchObject({ rows: 60, labels: { complaint: 20, praise: 20, question: 20 }, skipped: [], hash });
      // Tokens are counted, and a run could start.
      await waitUntilReady(page);
    });
  }
});

test('rows pasted from a spreadsheet are a dataset', async ({ page }) => {
  await openPage(page, '?device=wasm');
  const text = ['text\tlabel', ...rows.map(({ text: written, label }) => `${written}\t${label}`)].join('\n');
  await page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  }, text);
  await waitUntilReady(page);
  await expect(page.getByText('pasted text').first()).toBeVisible();
  expect((await reportOf(page)).hash).toBe(hash);
});

test('text that is not UTF-8 is read as windows-1252 when the user says so', async ({ page }) => {
  const csv = `text,label\n${rows.map(({ text, label }) => `café: ${text},${label}\n`).join('')}`;
  await openPage(page, '?device=wasm');
  await chooseDataset(page, {
    train: { name: 'old.csv', mimeType: 'text/csv', buffer: Buffer.from(csv.replaceAll(', ', ' '), 'latin1') },
  });
  await expect(visibleHook(page, 'error')).toHaveAttribute('data-code', 'data/not-utf8');
  await hook(page, 'read-as-windows').click();
  await waitUntilReady(page);
  await expect(page.getByText('windows-1252, comma')).toBeVisible();
  await expect(page.getByText(/^café: /).first()).toBeVisible();
});

test('a row with an open quotation mark is left out when the user says so, and is listed', async ({ page }) => {
  const good = rows.map(({ text, label }) => `"${text}",${label}\n`);
  const csv = ['text,label\n', ...good.slice(0, 40), '"=1+1 left open,praise\n', ...good.slice(40)].join('');
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: made('open.csv', csv) });
  const offer = hook(page, 'leave-out-rows');
  await expect(offer).toHaveText('Leave row 41 out and read on');
  await offer.click();
  await waitUntilReady(page);
  expect(await reportOf(page)).toMatchObject({ rows: 60, hash, skipped: [{ count: 1, firstRow: 41 }] });
  const download = page.waitForEvent('download');
  await hook(page, 'download-skipped').click();
  const listed = await readFile(await (await download).path(), 'utf8');
  expect(listed.split('\r\n').slice(0, 2)).toEqual([
    'file,row,reason,beginning',
    expect.stringMatching(/^open\.csv,41,with a quotation mark that does not close,"""=1\+1 left open/),
  ]);
});

test('reading stops when the user says so, and what was there stays', async ({ page }) => {
  await openPage(page, '?device=wasm');
  await chooseDataset(page, { train: made('messages.csv', new Uint8Array(await tableFiles(rows).get('comma')!.arrayBuffer())) });
  await waitUntilReady(page);
  // Forty megabytes in four: they take longer than a click.
  const long = gzipSync(strToU8(`text,label\n${'a text that is read for a while,praise\n'.repeat(1_000_000)}`), { level: 1 });
  await chooseDataset(page, { train: made('long.csv', long) });
  await visibleHook(page, 'cancel-reading').click();
  await expect(page.getByText('messages.csv').first()).toBeVisible();
  await expect(visibleHook(page, 'error')).toHaveCount(0);
  expect((await reportOf(page)).hash).toBe(hash);
});

test.describe('a hostile file is named, and the page stays alive', () => {
  const bomb = (): Uint8Array => zipSync({ 'a.csv': [new Uint8Array(20 * 1024 * 1024).fill(97), { level: 1 }] });
  const deep = `{"text": ${'['.repeat(1_000_000)}`;
  const hostile: { what: string; code: string; content: () => Uint8Array | string }[] = [
    { what: 'a zip that grows', code: 'data/bad-archive', content: bomb },
    {
      what: 'a path out of the archive',
      code: 'data/bad-archive',
      content: () => zipSync({ '../a.csv': strToU8('text,label\n') }),
    },
    { what: 'JSON nested a million deep', code: 'data/bad-json', content: () => `${deep}\n${deep}\n` },
    { what: 'a cell of 9 MB', code: 'data/record-too-long', content: () => `text,label\n"${'words '.repeat(1_500_000)}",x\n` },
    { what: 'Parquet without its end', code: 'data/bad-parquet', content: () => 'PAR1 and then nothing' },
    { what: '100,000 columns', code: 'data/too-many-columns', content: () => `${'c,'.repeat(100_000)}c\n` },
  ];
  for (const { what, code, content } of hostile) {
    test(what, async ({ page }) => {
      await openPage(page, '?device=wasm');
      await chooseDataset(page, {
        train: made('messages.csv', new Uint8Array(await tableFiles(rows).get('comma')!.arrayBuffer())),
      });
      await waitUntilReady(page);
      await chooseDataset(page, { train: made('hostile.csv', content()) });
      await expect(visibleHook(page, 'error')).toHaveAttribute('data-code', code);
      await page.getByRole('button', { name: 'Go back to it' }).click();
      expect((await reportOf(page)).hash).toBe(hash);
    });
  }
});
