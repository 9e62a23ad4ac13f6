import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeSample } from '../../scripts/driveData.mjs';
import { downloadFrom, goTo, hook, openPage, startRun, waitForEnd, waitUntilReady } from '../../scripts/drivePage.mjs';
import { HeapWatch } from '../heap/heapWatch';
import { downloadAdapter, expect, test } from '../support';

const rows = 20_000;
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'test-results', 'predict-files');
const minuteMs = 60_000;

/** The sample's test texts again and again, each with a number of its own. */
function table(): string {
  const csv = readFileSync(join(root, 'public', 'samples', 'bank-messages', 'test.csv'), 'utf8');
  const texts = csv.split('\n').slice(1).filter((line) => line !== '').map((line) => line.slice(0, line.lastIndexOf(','))); // prettier-ignore
  return ['id,text', ...Array.from({ length: rows }, (_, row) => `${row},${texts[row % texts.length]}`)].join('\n');
}

test('20,000 short rows are labelled in order, in flat memory, as PyTorch labels them', async ({ page }) => {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'rows.csv');
  writeFileSync(file, table());
  const watch = await HeapWatch.start(page, 2000);
  await openPage(page);
  await takeSample(page);
  await waitUntilReady(page);
  await startRun(page);
  await waitForEnd(page, { timeoutMs: 10 * minuteMs });
  const adapter = await downloadAdapter(page);
  writeFileSync(join(folder, 'adapter.zip'), adapter.zip);

  await hook(page, 'label-file').setInputFiles(file);
  await hook(page, 'label-start').waitFor();
  watch.takePeaks();
  await hook(page, 'label-start').click();
  const progress = hook(page, 'label-progress');
  const start = Date.now();
  const rates: string[] = [];
  const liveMegabytes: number[] = [];
  let stopped = 0;
  for (;;) {
    await page.waitForTimeout(2500);
    if ((await hook(page, 'label-done').count()) > 0) break;
    const line = (await progress.textContent({ timeout: 1000 }).catch(() => null)) ?? '';
    const [, done = '0', rate] = /^([\d,]+) of [^,]+,\d+ rows, ([\d,.]+) rows a second/.exec(line) ?? [];
    if (rate) rates.push(rate);
    const { liveBytes } = watch.takePeaks();
    liveMegabytes.push(Math.round(liveBytes / 1e5) / 10);
    if (stopped > 0 || Number(done.replaceAll(',', '')) < rows / 4) continue;
    // Once on its way: stopped, the page reloaded, gone on with.
    await hook(page, 'label-stop').click();
    await hook(page, 'label-continue').waitFor();
    stopped = Number(await hook(page, 'label-done').getAttribute('data-done'));
    await page.reload();
    await goTo(page, 'Prepare');
    await waitUntilReady(page);
    await goTo(page, 'Results');
    watch.takePeaks();
    await hook(page, 'label-continue').click();
  }
  const seconds = (Date.now() - start) / 1000;
  await watch.stop();
  await expect(hook(page, 'label-done')).toHaveAttribute('data-done', String(rows));
  const labelled = join(folder, 'labelled.csv');
  await (await downloadFrom(page, 'label-download')).saveAs(labelled);
  const lines = readFileSync(labelled, 'utf8').trimEnd().split('\r\n');
  expect(lines.slice(1).map((line) => Number(line.slice(0, line.indexOf(','))))).toEqual(Array.from({ length: rows }, (_, row) => row)); // prettier-ignore
  const device = (await page.getByRole('button', { name: /^Device:/ }).textContent()) ?? '';
  console.log(
    `${device}: ${rates.at(-1)} rows a second, ${seconds.toFixed(0)} s in all with a stop at row ${stopped} and a reload`,
  );
  console.log(`Live JavaScript memory of page and workers, MB: ${liveMegabytes.join(' ')}`);
  const first = liveMegabytes.slice(1, 4);
  expect(Math.max(...liveMegabytes), 'memory stays flat').toBeLessThan(Math.max(...first) + 40);

  const python = process.env['TUNELET_PYTHON'] ?? 'python3';
  const script = join(root, 'scripts', 'verify_predict.py');
  const base = join(root, 'public', 'models', 'nano-gpt2');
  const beside = spawnSync(python, [script, base, join(folder, 'adapter.zip'), file, labelled], { encoding: 'utf8' });
  console.log(beside.error ? `No PyTorch beside it: ${beside.error.message}` : beside.stdout + beside.stderr);
  if (!beside.error && !beside.stderr.includes('ModuleNotFoundError')) expect(beside.status).toBe(0);
});
