// `npm run verify:scaleout`: the sample's run in the page, and the same run by the folder that the page gives for clusters.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { strFromU8, unzipSync } from 'fflate';
import { chromium } from 'playwright';
import { takeSample } from './driveData.mjs';
import { downloadFrom, hook, openPage, startRun, visibleHook, waitForEnd, waitUntilReady } from './drivePage.mjs';
import { changeSetting } from './driveSettings.mjs';
import { chromiumLaunchOptions, ensureChromium } from './findChromium.mjs';
import { servePage } from './servePage.mjs';
/** @import { Download, Page } from 'playwright' */

const usage = `npm run verify:scaleout -- [options]

Trains the sample in the page with dropout 0, and the same run from step 0 by accelerate launch --cpu train.py: with one process, with
two, and killed half-way and resumed. Then the adapter comes back into the page.

  --steps N      so many steps instead of the page's own number; 32 or more
  --out DIR      keep the folder and what came of it here
  --venv DIR     where the virtual environment is made (a folder for temporary files)

TUNELET_PYTHON, where it is set, is a Python that has the packages of requirements.txt; no environment is made then.`;

const comparedLosses = 30;
const lossTolerance = 1e-3;
const accuracyTolerance = 0.015;
const resumedTolerance = 1e-6;
const adapterTolerance = 1e-6;
const shownTolerance = 1e-3;

const { values } = parseArgs({
  options: {
    steps: { type: 'string' },
    out: { type: 'string' },
    venv: { type: 'string', default: join(tmpdir(), 'tunelet-scaleout-venv') },
    help: { type: 'boolean', default: false },
  },
});

/**
 * @typedef {{ steps: { step: number, loss: number }[], result: { accuracy: number, loss: number, tuned?: { accuracy: number, loss: number } } }} Log
 * What `training_log.json` tells, the tab's and train.py's.
 */

/** @type {{ check: string, found: string, limit: string, holds: boolean }[]} */
const table = [];

/** @param {string} check @param {number} found @param {number} limit */
function atMost(check, found, limit) {
  table.push({ check, found: found.toExponential(1), limit: limit.toExponential(1), holds: found <= limit });
}

/** @param {Download} download @param {string} folder */
async function unpack(download, folder) {
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(await download.path())))) {
    if (name.endsWith('/')) continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}

/** @param {string} file @returns {Log} */
function readLog(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/**
 * The folder at step 0, then the run itself.
 * @param {Page} page
 * @param {string} folder
 */
async function trainInPage(page, folder) {
  await openPage(page, '?device=wasm');
  await takeSample(page);
  await changeSetting(page, 'lora_dropout', '0');
  if (values.steps !== undefined) await changeSetting(page, 'max_steps', values.steps);
  await waitUntilReady(page);
  const download = page.waitForEvent('download');
  await visibleHook(page, 'download-cluster').click();
  await unpack(await download, folder);
  await startRun(page);
  await waitForEnd(page);
  await unpack(await downloadFrom(page, 'download-adapter'), join(folder, 'tab'));
  return readLog(join(folder, 'tab', 'training_log.json'));
}

/**
 * What the page makes of an adapter.
 * @param {Page} page
 * @param {string} file
 */
async function evaluateInPage(page, file) {
  await openPage(page, '?device=wasm');
  await takeSample(page);
  await hook(page, 'file-adapter').first().setInputFiles(file);
  await visibleHook(page, 'evaluate-adapter').click();
  await waitForEnd(page);
  const download = await downloadFrom(page, 'download-metrics');
  /** @type {import('../src/features/adapter/figures').Figures} */
  const { result } = JSON.parse(strFromU8(readFileSync(await download.path())));
  return result.tuned;
}

/** @param {string} command @param {string[]} words */
function must(command, words) {
  const { status, error } = spawnSync(command, words, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${error?.message ?? status}.`);
}

/** @param {string} requirements @returns {string} A Python with what these name. */
function pythonWith(requirements) {
  const given = process.env['TUNELET_PYTHON'];
  if (given) return given;
  must('python3', ['-m', 'venv', values.venv]);
  const python = join(values.venv, 'bin', 'python');
  must(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
  return python;
}

const firstPort = 29_500 + (process.pid % 1000);

/**
 * Each process by a launcher of its own, as on so many machines: Accelerate starts several on one processor by MPI alone.
 * @param {{ python: string, folder: string, output: string, processes: number }} job
 */
function launch({ python, folder, output, processes }) {
  return Array.from({ length: processes }, (_, rank) => {
    const many = ['--num_processes', String(processes), '--main_process_port', String(firstPort)];
    const plain = ['--num_machines', '1', '--mixed_precision', 'no', '--dynamo_backend', 'no'];
    const words = ['-m', 'accelerate.commands.launch', '--cpu', ...many, ...plain, 'train.py', '--output', output];
    const place = { RANK: rank, LOCAL_RANK: rank, WORLD_SIZE: processes, LOCAL_WORLD_SIZE: processes };
    const env = { ...process.env, HF_HUB_OFFLINE: '1', ...(processes > 1 ? mapped(place) : {}) };
    const child = spawn(python, words, { cwd: folder, env, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (piece) => (told = (told + piece).slice(-4000)));
    /** @type {Promise<number | null>} */
    const ended = new Promise((done) => child.on('close', done));
    return { child, ended, told: () => told };
  });
}

/** @param {Record<string, number>} numbers */
function mapped(numbers) {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]));
}

/** @param {Parameters<typeof launch>[0]} job @returns {Promise<Log>} */
async function train(job) {
  const started = Date.now();
  for (const { ended, told } of launch(job)) {
    const status = await ended;
    if (status !== 0) throw new Error(`train.py ended with ${status}.\n${told()}`);
  }
  console.log(`${job.output}: ${job.processes} process(es), ${((Date.now() - started) / 1000).toFixed(0)} s`);
  return readLog(join(job.folder, job.output, 'adapter', 'training_log.json'));
}

/**
 * Kills the job with no chance to say goodbye, once a checkpoint lies past the middle.
 * @param {Parameters<typeof launch>[0]} job
 * @param {number} steps
 */
async function killHalfWay(job, steps) {
  const output = join(job.folder, job.output);
  mkdirSync(output, { recursive: true });
  const running = launch(job);
  let isOver = false;
  void Promise.all(running.map(({ ended }) => ended)).then(() => (isOver = true));
  const reached = () => Math.max(0, ...readdirSync(output).map((name) => Number(/^checkpoint-(\d+)$/.exec(name)?.[1] ?? 0)));
  while (reached() < steps / 2 && !isOver) await wait(50);
  const last = reached();
  // Some steps more, which are lost.
  await wait(300);
  if (isOver) throw new Error(`train.py ended before it could be killed.\n${running.map(({ told }) => told()).join('\n')}`);
  for (const { child, ended } of running) {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
  }
  console.log(`${job.output}: killed, with a checkpoint after step ${last} of ${steps}`);
}

/** @param {Log} first @param {Log} second @param {number} [count] Largest difference over the largest loss. */
function lossesApart(first, second, count = Infinity) {
  const pairs = first.steps.slice(0, count).map(({ loss }, at) => [loss, second.steps[at]?.loss ?? NaN]);
  const apart = pairs.map(([a = NaN, b = NaN]) => (Number.isFinite(a - b) ? Math.abs(a - b) : Infinity));
  return Math.max(...apart) / Math.max(...pairs.map(([a = 0]) => Math.abs(a)));
}

/** Numbers of a safetensors file of float32, in its order. @param {string} file */
function numbersOf(file) {
  const bytes = readFileSync(file);
  const header = 8 + Number(bytes.readBigUInt64LE(0));
  const data = Uint8Array.from(bytes.subarray(header));
  return new Float32Array(data.buffer);
}

/** @param {string} first @param {string} second */
function adaptersApart(first, second) {
  const [a, b] = [first, second].map((folder) => numbersOf(join(folder, 'adapter', 'adapter_model.safetensors')));
  if (!a || !b || a.length !== b.length) return Infinity;
  return a.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] ?? NaN))), 0);
}

/** @param {Log} log The tab's, or train.py's. */
function finalOf({ result }) {
  return result.tuned ?? result;
}

async function verify() {
  ensureChromium();
  const folder = resolve(values.out ?? mkdtempSync(join(tmpdir(), 'tunelet-scaleout-')));
  const server = await servePage();
  const browser = await chromium.launch(chromiumLaunchOptions('software'));
  try {
    const tab = await trainInPage(await browser.newPage({ baseURL: server.url }), folder);
    if (tab.steps.length < comparedLosses) throw new Error(`The tab made ${tab.steps.length} steps; give --steps 32 or more.`);
    const python = pythonWith(join(folder, 'requirements.txt'));
    const one = { python, folder, output: 'one', processes: 1 };
    const [alone, both] = [await train(one), await train({ ...one, output: 'two', processes: 2 })];
    const cut = { ...one, output: 'resumed' };
    await killHalfWay(cut, tab.steps.length);
    const resumed = await train(cut);
    for (const [name, log] of /** @type {const} */ ([
      ['one process', alone],
      ['two processes', both],
    ])) {
      // prettier-ignore
      atMost(`${name}: first ${comparedLosses} losses from the tab’s, relative`, lossesApart(tab, log, comparedLosses), lossTolerance);
      atMost(`${name}: all ${tab.steps.length} losses from the tab’s, relative`, lossesApart(tab, log), Infinity);
      const off = Math.abs(finalOf(log).accuracy - finalOf(tab).accuracy);
      atMost(
        `${name}: final accuracy ${percent(finalOf(log).accuracy)} from ${percent(finalOf(tab).accuracy)}`,
        off,
        accuracyTolerance,
      );
    }
    atMost('killed and resumed: losses from the uninterrupted run’s, relative', lossesApart(alone, resumed), resumedTolerance);
    atMost(
      'killed and resumed: numbers of the adapter',
      adaptersApart(join(folder, 'one'), join(folder, 'resumed')),
      adapterTolerance,
    );
    const page = await browser.newPage({ baseURL: server.url });
    const shown = await evaluateInPage(page, join(folder, 'one', 'adapter.zip'));
    atMost(`back in the page: accuracy ${percent(shown.accuracy)}`, Math.abs(shown.accuracy - alone.result.accuracy), 0);
    atMost('back in the page: loss, relative', Math.abs(shown.loss - alone.result.loss) / alone.result.loss, shownTolerance);
  } finally {
    await browser.close();
    await server.close();
    if (values.out === undefined) rmSync(folder, { recursive: true });
  }
  console.table(table);
  const failed = table.filter(({ holds }) => !holds);
  if (failed.length > 0) throw new Error(`${failed.length} of the limits are passed.`);
}

/** @param {number} share */
function percent(share) {
  return `${(share * 100).toFixed(2)} %`;
}

if (values.help) console.log(usage);
else {
  await verify().catch((/** @type {unknown} */ error) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}
