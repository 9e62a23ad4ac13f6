// npm run bench -- --target browser [--quick] [--adapter software|hardware] [--name latest]
// Measures one training step of Tunelet against the same step in plain tfjs ops, both in one browser, in turn.
// --quick: three layers of GPT-2's shape, three rounds, and the counts of all twelve layers (ours alone); without it also
// the twelve layers of both, one round. Writes e2e/bench/results/<name>.json and .md.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { chromiumArguments, ensureChromium } from '../../scripts/findChromium.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    target: { type: 'string', default: 'browser' },
    quick: { type: 'boolean', default: false },
    adapter: { type: 'string', default: 'software' },
    name: { type: 'string', default: 'latest' },
  },
});
if (options.target !== 'browser') throw new Error(`--target is “${options.target}”; this benchmark knows only “browser”.`);
if (options.adapter !== 'software' && options.adapter !== 'hardware')
  throw new Error(`--adapter is “${options.adapter}”; say software or hardware.`);

const requests = [
  { layers: 3, rounds: 3, peer: true },
  ...(options.quick ? [] : [{ layers: 12, rounds: 1, peer: true }]),
  { layers: 12, rounds: 3, peer: false },
];

// Built, as users get it; a development server would also reload the page when it first meets a dependency.
const root = join(here, '../..');
const outDir = mkdtempSync(join(tmpdir(), 'tunelet-bench-'));
const input = join(here, 'page/index.html');
await build({ root, logLevel: 'error', build: { outDir, emptyOutDir: true, copyPublicDir: false, rolldownOptions: { input } } });
const server = await preview({ root, logLevel: 'error', build: { outDir }, preview: { port: 0 } });
const browser = await chromium.launch({ executablePath: ensureChromium(), args: chromiumArguments(options.adapter) });
try {
  const reports = [];
  for (const request of requests) {
    console.log(`GPT-2 shape, ${request.layers} layers, ${request.rounds} rounds${request.peer ? ', tfjs in turn' : ''} …`);
    reports.push(await measure(request));
  }
  save(reports);
} finally {
  await browser.close();
  await server.close();
  rmSync(outDir, { recursive: true });
}

/**
 * A page of its own for each workload, so that one's buffers never count as another's.
 * @param {{ layers: number, rounds: number, peer: boolean }} request
 */
async function measure(request) {
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  page.on('pageerror', (error) => console.error(error.message));
  await page.goto(`${server.resolvedUrls?.local[0]}e2e/bench/page/index.html`);
  await page.waitForFunction(() => 'runBench' in window);
  const report = await page.evaluate((wanted) => window.runBench(wanted), request);
  await page.close();
  return report;
}

/** @param {import('./page/main').BenchReport[]} reports */
function save(reports) {
  const result = {
    device: reports[0]?.device ?? 'unknown',
    browser: browser.version(),
    date: new Date().toISOString().slice(0, 10),
    command: `npm run bench -- ${process.argv.slice(2).join(' ')}`.trim(),
    rows: reports.flatMap((report) => report.rows),
    ratios: reports.flatMap((report) => report.ratios),
  };
  mkdirSync(join(here, 'results'), { recursive: true });
  writeFileSync(join(here, 'results', `${options.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  const table = markdown(result);
  writeFileSync(join(here, 'results', `${options.name}.md`), table);
  console.log(table);
}

/** @param {{ device: string, browser: string, date: string, command: string } & Pick<import('./page/main').BenchReport, 'rows' | 'ratios'>} result */
function markdown({ device, browser: version, date, command, rows, ratios }) {
  const lines = [
    `Device: ${device}; Chromium ${version}; ${date}; \`${command}\``,
    '',
    '| workload | engine | ms a step (min–max) | texts/s | dispatches | submits | bind groups made | encode ms | GPU MB |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.workload} | ${row.engine} | ${row.msPerStep.toFixed(0)} (${row.msMinimum.toFixed(0)}–${row.msMaximum.toFixed(0)}) | ${row.examplesPerSecond.toFixed(2)} | ` +
        `${row.dispatches} | ${row.submits} | ${row.bindGroups} | ${row.encodeMs.toFixed(2)} | ${(row.gpuBytes / 1e6).toFixed(0)} |`,
    ),
    '',
    ...ratios.map(
      (ratio) =>
        `${ratio.workload}: ${ratio.median.toFixed(1)} times as fast as tfjs (${ratio.minimum.toFixed(1)} to ${ratio.maximum.toFixed(1)}).`,
    ),
    '',
  ];
  return lines.join('\n');
}
