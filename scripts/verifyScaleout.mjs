// `npm run verify:scaleout`: the sample's run in the page, and the same run by the folder that the page gives for clusters.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { strFromU8, unzipSync } from 'fflate';
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { takeSample } from './driveData.mjs';
import { downloadFrom, hook, openPage, startRun, visibleHook, waitForEnd, waitUntilReady } from './drivePage.mjs';
import { changeSetting } from './driveSettings.mjs';
import { chromiumLaunchOptions, ensureChromium } from './findChromium.mjs';
import {
  adaptersApart,
  ask,
  finalOf,
  hasPackage,
  killHalfWay,
  lossesApart,
  pythonWith,
  readLog,
  train,
} from './scaleoutJobs.mjs';
import { root, servePage } from './servePage.mjs';
/** @import { Download, Page } from 'playwright' */
/** @import { Log } from './scaleoutJobs.mjs' */

const usage = `npm run verify:scaleout -- [options]

Trains the sample in the page with dropout 0, and the same run from step 0 by accelerate launch --cpu train.py: with one process, with
two, and killed half-way and resumed. Then the adapter comes back into the page. After it small runs of every kind, made here and by
train.py; one of them with two processes that share the model, by FSDP and by DeepSpeed.

  --steps N      so many steps instead of the page's own number; 32 or more
  --only PART    "sample" or "kinds"
  --out DIR      keep the folders and what came of them here
  --venv DIR     where the virtual environment is made (a folder for temporary files)

TUNELET_PYTHON, where it is set, is a Python that has the packages of requirements.txt and gguf; no environment is made then.`;

const comparedLosses = 30;
const lossTolerance = 1e-3;
const accuracyTolerance = 0.015;
const resumedTolerance = 1e-6;
const adapterTolerance = 1e-6;
const shownTolerance = 1e-3;
/** TensorBoard keeps float32. */
const boardTolerance = 1e-6;

const { values } = parseArgs({
  options: {
    steps: { type: 'string' },
    only: { type: 'string' },
    out: { type: 'string' },
    venv: { type: 'string', default: join(tmpdir(), 'tunelet-scaleout-venv') },
    help: { type: 'boolean', default: false },
  },
});

/** @type {{ check: string, found: string, limit: string, holds: boolean }[]} */
const table = [];

/** @param {string} check @param {number} found @param {number} limit */
function atMost(check, found, limit) {
  table.push({ check, found: found.toExponential(1), limit: limit.toExponential(1), holds: found <= limit });
}

/** @param {Download} download @param {string} folder */
async function unpack(download, folder) {
  write(folder, Object.entries(unzipSync(readFileSync(await download.path()))));
}

/** @param {string} folder @param {Iterable<[string, Uint8Array]>} files */
function write(folder, files) {
  for (const [name, bytes] of files) {
    if (name.endsWith('/')) continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
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

/**
 * The sample's run in the page and by train.py.
 * @param {string} folder
 * @returns {Promise<string>} The Python that was used.
 */
async function verifySample(folder) {
  ensureChromium();
  const server = await servePage();
  const browser = await chromium.launch(chromiumLaunchOptions('software'));
  try {
    const tab = await trainInPage(await browser.newPage({ baseURL: server.url }), folder);
    if (tab.steps.length < comparedLosses) throw new Error(`The tab made ${tab.steps.length} steps; give --steps 32 or more.`);
    const python = pythonWith(join(folder, 'requirements.txt'), values.venv);
    const one = { python, folder, output: 'one', processes: 1 };
    const [alone, both] = [await train(one), await train({ ...one, output: 'two', processes: 2 })];
    compareWithTab('one process', tab, alone);
    compareWithTab('two processes', tab, both);
    const cut = { ...one, output: 'resumed' };
    await killHalfWay(cut, tab.steps.length);
    const resumed = await train(cut);
    atMost('killed and resumed: losses from the uninterrupted run’s, relative', lossesApart(alone, resumed), resumedTolerance);
    const apart = adaptersApart(join(folder, 'one'), join(folder, 'resumed'));
    atMost('killed and resumed: numbers of the adapter', apart, adapterTolerance);
    verifyBoard(python, join(folder, 'one', 'logs'), alone);
    const shown = await evaluateInPage(await browser.newPage({ baseURL: server.url }), join(folder, 'one', 'adapter.zip'));
    atMost(`back in the page: accuracy ${percent(shown.accuracy)}`, Math.abs(shown.accuracy - alone.result.accuracy), 0);
    atMost('back in the page: loss, relative', Math.abs(shown.loss - alone.result.loss) / alone.result.loss, shownTolerance);
    return python;
  } finally {
    await browser.close();
    await server.close();
  }
}

/** @param {string} name @param {Log} tab @param {Log} log */
function compareWithTab(name, tab, log) {
  const [final, wanted] = [finalOf(log).accuracy, finalOf(tab).accuracy];
  atMost(
    `${name}: first ${comparedLosses} losses from the tab’s, relative`,
    lossesApart(tab, log, comparedLosses),
    lossTolerance,
  );
  atMost(`${name}: all ${tab.steps.length} losses from the tab’s, relative`, lossesApart(tab, log), Infinity);
  atMost(`${name}: final accuracy ${percent(final)} from ${percent(wanted)}`, Math.abs(final - wanted), accuracyTolerance);
}

/** TensorBoard reads the losses that the log has. @param {string} python @param {string} folder @param {Log} log */
function verifyBoard(python, folder, log) {
  const scalars = /** @type {Record<string, [number, number][]>} */ (ask(python, ['board', folder]));
  const losses = (scalars['train/loss'] ?? []).map(([step, loss]) => ({ step, loss }));
  const names = Object.keys(scalars).filter((name) => /^(train|validation)\//.test(name));
  atMost(
    `TensorBoard: ${names.join(', ')}: losses from the log’s, relative`,
    lossesApart(log, { steps: losses }),
    boardTolerance,
  );
}

/** Small runs of every kind, here and by train.py. @param {string} out @param {string | null} given */
async function verifyKinds(out, given) {
  const server = await createServer({ root, configFile: false, logLevel: 'error', appType: 'custom', server: { middlewareMode: true, hmr: false, ws: false, watch: null } }); // prettier-ignore
  try {
    const { kindsOfRuns, scaleRun } = /** @type {typeof import('./scaledRuns')} */ (
      await server.ssrLoadModule('/scripts/scaledRuns.ts')
    );
    for (const [at, kind] of kindsOfRuns.entries()) {
      const folder = join(out, `kind-${at + 1}`);
      const { files, log } = await scaleRun(kind);
      write(folder, files);
      const python = given ?? pythonWith(join(folder, 'requirements.txt'), values.venv);
      const ours = /** @type {Log} */ (JSON.parse(log));
      if (at === 0) verifyConfigurations(python, folder);
      for (const { words, ...way } of waysOf(kind, python)) {
        const theirs = await train({ python, folder, ...way });
        atMost(`${kind.name}${words}: ${ours.steps.length} losses, relative`, lossesApart(ours, theirs), kind.tolerance);
        const [wanted, found] = [finalOf(ours).loss, finalOf(theirs).loss];
        atMost(`${kind.name}${words}: final loss, relative`, Math.abs(found - wanted) / wanted, kind.finalTolerance);
      }
    }
  } finally {
    await server.close();
  }
}

/** @param {import('./scaledRuns').KindOfRun} kind @param {string} python */
function waysOf({ processes = 1, isShared = false }, python) {
  const plain = { words: processes === 1 ? '' : ` (${processes} processes)`, output: 'output', processes };
  if (!isShared) return [plain];
  const shared = (/** @type {string} */ name, /** @type {string} */ words) => {
    return { words: ` (two by ${words})`, output: name, processes: 2, shared: `accelerate/${name}.yaml` };
  };
  const all = [plain, shared('fsdp', 'FSDP 2')];
  if (hasPackage(python, 'deepspeed')) return [...all, shared('deepspeed', 'DeepSpeed ZeRO 3')];
  console.log('DeepSpeed is not checked: its package is not installed.');
  return all;
}

/** @param {string} python @param {string} folder */
function verifyConfigurations(python, folder) {
  const wanted = { 'one-gpu': ['NO', 1], ddp: ['MULTI_GPU', 2], fsdp: ['FSDP', 2], deepspeed: ['DEEPSPEED', 2] };
  const files = Object.keys(wanted).map((name) => join(folder, 'accelerate', `${name}.yaml`));
  const found = JSON.stringify(ask(python, ['configurations', ...files]));
  const holds = found === JSON.stringify(Object.values(wanted));
  table.push({ check: 'configurations as Accelerate reads them', found, limit: 'as named', holds });
}

async function verify() {
  const out = resolve(values.out ?? mkdtempSync(join(tmpdir(), 'tunelet-scaleout-')));
  try {
    const python = values.only === 'kinds' ? null : await verifySample(join(out, 'sample'));
    if (values.only !== 'sample') await verifyKinds(out, python);
  } finally {
    if (values.out === undefined) rmSync(out, { recursive: true });
    console.table(table);
  }
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
