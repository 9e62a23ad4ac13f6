// `npm run tune`: fine-tunes without a window, by driving the built page in headless Chromium as a user would.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { chromium } from 'playwright';
import { chooseColumn, chooseDataset, chooseHubDataset, downloadReport, takeOffer, takeSample } from './driveData.mjs';
import { downloadFrom, hook, openPage, PageError, startRun, visibleHook, waitForEnd, waitUntilReady } from './drivePage.mjs';
import { importAdapter, labelTable, openUnlabelled } from './driveLabelling.mjs';
import { changeSetting } from './driveSettings.mjs';
import { chromiumArguments, chromiumLaunchOptions, ensureChromium } from './findChromium.mjs';
import { servePage } from './servePage.mjs';
import { readArguments, usage, UsageError } from './tuneArguments.mjs';
/** @import { Download, Page } from 'playwright' */
/** @import { Arguments } from './tuneArguments.mjs' */

const minuteMs = 60_000;

/** @param {Page} page @param {Arguments} options */
async function prepare(page, options) {
  // First the model: while it loads nothing can start, and the settings' defaults depend on it.
  if (options.model !== undefined) await chooseModel(page, options.model);
  if (options.data === undefined && options.dataset === undefined) await takeSample(page);
  else await chooseData(page, options, options.data ?? []);
  await waitUntilReady(page, 60 * minuteMs);
  if (options.task !== undefined) await changeSetting(page, 'task', options.task);
  if (options.system !== undefined) await changeSetting(page, 'system_text', options.system);
  if (options.prompt !== undefined) await changeSetting(page, 'prompt_template', options.prompt.replaceAll('\\n', '\n'));
  if (options['label-words'] !== undefined) await changeSetting(page, 'label_words', options['label-words']);
  for (const { name, value } of options.settings) await changeSetting(page, name, value);
}

/** @param {Page} page @param {Arguments} options @param {string[]} data */
async function chooseData(page, options, data) {
  const { validation, test, encoding, dataset } = options;
  if (dataset !== undefined) {
    const { config, rows, 'text-column': text, 'label-column': label } = options;
    await chooseHubDataset(page, { id: dataset, config, rows, text, label });
    return;
  }
  await chooseDataset(page, { train: data, ...(validation ? { validation } : {}), ...(test ? { test } : {}) });
  // What the page offers for a file that it cannot read as it is.
  if (encoding !== undefined) await takeOffer(page, 'read-as-windows');
  if (options['leave-out-broken-rows']) await takeOffer(page, 'leave-out-rows');
  if (options['text-column'] !== undefined) await chooseColumn(page, 'text-column', options['text-column']);
  if (options['label-column'] !== undefined) await chooseColumn(page, 'label-column', options['label-column']);
  // Where no columns could be guessed, the page waits for both to be named.
  const byHand = hook(page, 'use-columns');
  if ((options['text-column'] ?? options['label-column']) !== undefined && (await byHand.count()) > 0) await byHand.click();
}

/** @param {Page} page @param {string} model */
async function chooseModel(page, model) {
  const found = statSync(model, { throwIfNoEntry: false });
  const isFile = found?.isFile() === true && /\.gguf$/i.test(model);
  const kind = isFile || found?.isDirectory() === true ? 'files' : 'hub';
  const choice = hook(page, `model-${kind}`).first();
  if ((await choice.count()) === 0) await visibleHook(page, 'open-model').click();
  await choice.click();
  if (kind === 'files') {
    const inFolder = () => readdirSync(model).filter((name) => /\.(json|safetensors|txt|gguf)$/.test(name));
    const files = isFile ? [model] : inFolder().map((name) => join(model, name));
    await hook(page, 'file-model').first().setInputFiles(files);
  } else {
    await visibleHook(page, 'hub-id').fill(model);
    await visibleHook(page, 'hub-load').click();
  }
  console.log(`Model: ${model}`);
}

/**
 * What “Download the figures” gives, without the whole result in it: the names that scripts rely on.
 * @param {string} json `Figures` of src/features/adapter/figures.ts
 */
function readFigures(json) {
  /** @type {import('../src/features/adapter/figures').Figures | import('../src/features/adapter/figures').TextRunFigures} */
  const figures = JSON.parse(json);
  const { result, ...metrics } = figures;
  return { modelName: result.modelName, metrics };
}

/** @param {Download} download */
async function bytesOf(download) {
  return readFileSync(await download.path());
}

/** @param {Page} page @param {Arguments} options */
async function keep(page, options) {
  const folder = resolve(options.out);
  mkdirSync(folder, { recursive: true });
  const { modelName, metrics: all } = readFigures(strFromU8(await bytesOf(await downloadFrom(page, 'download-metrics'))));
  const archive = unzipSync(await bytesOf(await downloadFrom(page, 'download-adapter')));
  for (const [name, bytes] of Object.entries(archive)) {
    // One flat folder: a name with a path in it could leave it.
    if (!name.endsWith('/')) writeFileSync(join(folder, basename(name)), bytes);
  }
  const { logits, ...metrics } = 'logits' in all ? all : { ...all, logits: null };
  writeFileSync(join(folder, 'metrics.json'), `${JSON.stringify(metrics, null, 2)}\n`);
  if (logits) writeFileSync(join(folder, 'logits.json'), `${JSON.stringify({ split: metrics.split, ...logits })}\n`);
  if (options.test !== undefined && metrics.split !== 'test') {
    throw new Error(`A test file was given, but the page evaluated on ${metrics.split}.`);
  }
  return { folder, modelName, metrics };
}

/** @param {Awaited<ReturnType<typeof keep>>['metrics']} metrics */
function figureLines(metrics) {
  const { split } = metrics;
  if ('perplexity' in metrics) {
    const { base, tuned } = metrics.perplexity;
    return [`perplexity on ${split}: ${base.toFixed(2)} before, ${tuned.toFixed(2)} after`];
  }
  const { base, tuned, unparsed } = metrics;
  return [
    `accuracy on ${split}: ${percent(base.accuracy)} before, ${percent(tuned.accuracy)} after`,
    `macro-F1 on ${split}: ${percent(base.macroF1)} before, ${percent(tuned.macroF1)} after`,
    ...(unparsed ? [`free answers that name no label: ${percent(unparsed.base)} before, ${percent(unparsed.tuned)} after`] : []),
  ];
}

/** @param {number} share */
function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}

/**
 * Prints a line of progress: each new phase and evaluation at once, steps between them now and then.
 * @param {number} pauseMs
 */
function paced(pauseMs) {
  let printedMs = 0;
  let printed = '';
  /** @param {string} line */
  return (line) => {
    const news = line.replace(/,[^|]*smoothed[^|]*|smoothed[^|]*/, '');
    if (news === printed && Date.now() - printedMs < pauseMs) return;
    printed = news;
    printedMs = Date.now();
    console.log(line);
  };
}

/** @param {Arguments} options */
async function tune(options) {
  ensureChromium();
  const server = await servePage();
  const launch = chromiumLaunchOptions('hardware');
  const browser = await chromium.launch(
    options.headed ? { ...launch, headless: false, args: chromiumArguments('hardware') } : launch,
  );
  try {
    const page = await browser.newPage({ baseURL: server.url, viewport: { width: 1280, height: 900 } });
    page.on('pageerror', (error) => console.error(`The page reports: ${error.message}`));
    await openPage(page, options.device === 'auto' ? '' : `?device=${options.device}`);
    await prepare(page, options);
    await startRun(page);
    await waitForEnd(page, { onProgress: paced(2000) });
    const { folder, modelName, metrics } = await keep(page, options);
    const { device, steps, seconds } = metrics;
    console.log(`${modelName}, ${device}: ${steps} steps in ${seconds.toFixed(0)} s`);
    for (const line of figureLines(metrics)) console.log(line);
    console.log(`Adapter and metrics.json are in ${folder}`);
  } finally {
    await browser.close();
    await server.close();
  }
}

/**
 * Reads the data by the page and prints what the page says of them.
 * @param {Arguments} options
 */
async function inspect(options) {
  ensureChromium();
  const server = await servePage(console.error);
  const browser = await chromium.launch(chromiumLaunchOptions('hardware'));
  const data = options.data ?? [];
  try {
    for (const files of options.each ? data.map((file) => [file]) : [data]) {
      const page = await browser.newPage({ baseURL: server.url, viewport: { width: 1280, height: 900 } });
      // No model and no device is needed to look at data.
      await openPage(page, '?device=wasm');
      await chooseData(page, options, files);
      for (const { name, value } of options.settings) await changeSetting(page, name, value);
      const report = await downloadReport(page, 60 * minuteMs);
      console.log(JSON.stringify(JSON.parse(strFromU8(await bytesOf(report)))));
      await page.close();
    }
  } finally {
    await browser.close();
    await server.close();
  }
}

/** @param {unknown} error @param {boolean} isUsage */
function asJson(error, isUsage) {
  if (error instanceof PageError) return { code: error.code, message: error.happened, remedy: error.remedy };
  const message = error instanceof Error ? error.message : String(error);
  return isUsage
    ? { code: 'usage', message, remedy: '“npm run tune -- --help” lists the options.' }
    : { code: 'internal', message, remedy: '' };
}

/**
 * Labels a table by the page and keeps what comes out, with a summary of it.
 * @param {Arguments} options @param {{ predict: string, adapter: string }} files
 */
async function predict(options, { predict: table, adapter }) {
  ensureChromium();
  const server = await servePage();
  const browser = await chromium.launch(chromiumLaunchOptions('hardware'));
  try {
    const page = await browser.newPage({ baseURL: server.url, viewport: { width: 1280, height: 900 } });
    page.on('pageerror', (error) => console.error(`The page reports: ${error.message}`));
    await openPage(page, options.device === 'auto' ? '' : `?device=${options.device}`);
    if (options.model !== undefined) await chooseModel(page, options.model);
    await importAdapter(page, adapter, 60 * minuteMs);
    await openUnlabelled(page, table, {
      encoding: options.encoding,
      leavesOutBrokenRows: options['leave-out-broken-rows'],
      column: options['text-column'],
      pairColumn: options['text-pair-column'],
    });
    const done = await labelTable(page, { isBase: options.base, onProgress: paced(2000) });
    const folder = resolve(options.out);
    mkdirSync(folder, { recursive: true });
    const download = await downloadFrom(page, 'label-download');
    const path = join(folder, basename(download.suggestedFilename()));
    await download.saveAs(path);
    console.log(done);
    console.log(`The labelled table is ${path}`);
  } finally {
    await browser.close();
    await server.close();
  }
}

try {
  const options = readArguments(process.argv.slice(2));
  if (options.help) console.log(usage);
  else if (options.inspect) await inspect(options);
  else if (options.predict !== undefined && options.adapter !== undefined)
    await predict(options, { predict: options.predict, adapter: options.adapter });
  else await tune(options);
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  if (process.argv.includes('--inspect')) {
    console.error(JSON.stringify({ error: asJson(error, isUsage) }));
    process.exit(isUsage ? 2 : 1);
  }
  console.error(
    error instanceof PageError ? `${error.message}\n(${error.code})` : error instanceof Error ? error.message : String(error),
  );
  if (isUsage) console.error(`\n${usage}`);
  process.exitCode = isUsage ? 2 : 1;
}
