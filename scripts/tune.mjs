// `npm run tune`: fine-tunes without a window, by driving the built page in headless Chromium as a user would.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { strFromU8, unzipSync } from 'fflate';
import { chromium } from 'playwright';
import { changeSetting, chooseColumn, chooseDataset, downloadFrom, downloadReport, openPage, PageError } from './drivePage.mjs';
import {
  chooseHubDataset,
  hook,
  startRun,
  takeOffer,
  takeSample,
  visibleHook,
  waitForEnd,
  waitUntilReady,
} from './drivePage.mjs';
import { chromiumArguments, chromiumLaunchOptions, ensureChromium } from './findChromium.mjs';
import { servePage } from './servePage.mjs';
/** @import { Download, Page } from 'playwright' */

const usage = `npm run tune -- [options]

Without options it tunes the embedded model on the embedded sample.

  --data FILE            training texts: CSV or other delimited text, JSON, JSON lines, Parquet, plain text, gzip or zip of these;
                         several times: files whose names say train, validation and test
  --validation FILE      validation texts; else a part of the training file
  --test FILE            test texts; else a part of the training file
  --dataset ID           instead of --data, a dataset of the Hugging Face Hub, such as stanfordnlp/sst2
  --config NAME          one of its configurations
  --rows N               at most so many rows of each of its splits, at even distances
  --model MODEL          a folder with config.json, tokenizer and model.safetensors, a GGUF file, or an id such as distilgpt2
  --task TASK            head: a classification head; prompt: the model's own words as answers; text: every token of
                         plain text (head; text where the data have no labels)
  --system TEXT          by prompt: what every conversation begins with
  --prompt TEMPLATE      by prompt: what is asked of a text, with {text} and {label}; \\n is a line break
  --encoding ENCODING    windows-1252, for text that is not UTF-8
  --leave-out-broken-rows  rows whose quotation mark never closes are skipped
  --inspect              reads the data, prints one JSON object about them and trains nothing
  --each                 with --inspect: every file of --data is a dataset of its own, with one line of JSON
  --label-words JSON     by prompt: what the model answers for a label, where it is not the label's name:
                         '{"0": "bad", "1": "good"}'; also --set label_words=… where no word has a space
  --text-column NAME     else guessed
  --label-column NAME    else guessed
  --set NAME=VALUE …     settings by their Hugging Face names, such as learning_rate=5e-4 num_train_epochs=2;
                         max_steps=0 scores the base model alone; target_modules=k_proj,v_proj (names, all-linear or a
                         pattern of whole paths); layers_to_transform=0-3,7 adapts these blocks alone;
                         class_weights=balanced counts errors on rare classes the more; clean.html, clean.control,
                         clean.urls, clean.lowercase, clean.whitespace, clean.duplicates (=true) and clean.min_words=3
                         clean the texts first
  --out DIR              where the adapter and metrics.json go (out)
  --device auto|webgpu|wasm
  --headed               show the browser`;

const minuteMs = 60_000;

class UsageError extends Error {}

/** @param {string[]} words */
function readArguments(words) {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      data: { type: 'string', multiple: true },
      dataset: text,
      config: text,
      rows: text,
      encoding: text,
      'leave-out-broken-rows': { type: 'boolean', default: false },
      inspect: { type: 'boolean', default: false },
      each: { type: 'boolean', default: false },
      validation: text,
      test: text,
      model: text,
      task: text,
      system: text,
      prompt: text,
      'label-words': text,
      'text-column': text,
      'label-column': text,
      set: { type: 'string', multiple: true },
      out: { type: 'string', default: 'out' },
      device: { type: 'string', default: 'auto' },
      headed: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (!['auto', 'webgpu', 'wasm'].includes(values.device))
    throw new UsageError(`--device is “${values.device}”. Choose auto, webgpu or wasm.`);
  if (values.task !== undefined && !['head', 'prompt', 'text'].includes(values.task))
    throw new UsageError(`--task is “${values.task}”. Choose head, prompt or text.`);
  if (values.task !== 'prompt' && (values.system ?? values.prompt ?? values['label-words']) !== undefined)
    throw new UsageError('--system, --prompt and --label-words need --task prompt: else nothing is asked.');
  if (values['label-words'] !== undefined) checkWords(values['label-words']);
  if (values.data === undefined && (values.validation ?? values.test) !== undefined) {
    throw new UsageError('--validation and --test need --data: the sample has its own splits.');
  }
  if (values.data !== undefined && values.dataset !== undefined) throw new UsageError('Give --data or --dataset, not both.');
  if (values.dataset === undefined && (values.config ?? values.rows) !== undefined)
    throw new UsageError('--config and --rows need --dataset.');
  if (values.inspect && (values.data ?? values.dataset) === undefined)
    throw new UsageError('--inspect needs --data or --dataset: there is nothing to look at.');
  if (values.each && (!values.inspect || values.data === undefined || (values.validation ?? values.test) !== undefined))
    throw new UsageError('--each needs --inspect and --data, without --validation and --test.');
  if (values.encoding !== undefined && values.encoding !== 'windows-1252')
    throw new UsageError(
      `--encoding is “${values.encoding}”. UTF-8 and UTF-16 are found by themselves; else it is windows-1252.`,
    );
  for (const name of /** @type {const} */ (['data', 'validation', 'test'])) {
    for (const file of [values[name] ?? []].flat()) {
      if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`--${name}: there is no file “${file}”.`);
    }
  }
  // `--set a=1 b=2`: all but the first arrive as loose words.
  const settings = [...(values.set ?? []), ...positionals].flatMap((word) => word.split(/\s+/)).map(readSetting);
  return { ...values, settings };
}

/** @param {string} text */
function checkWords(text) {
  /** @type {unknown} */
  let words = null;
  try {
    words = JSON.parse(text);
  } catch {
    // Said below.
  }
  const isObject = typeof words === 'object' && words !== null && !Array.isArray(words);
  if (!isObject || !Object.values(words ?? {}).every((word) => typeof word === 'string'))
    throw new UsageError(
      `label_words is “${text.slice(0, 60)}”. Write a JSON object of texts, such as {"0": "bad", "1": "good"}.`,
    );
}

/** @param {string} word */
function readSetting(word) {
  const match = /^([a-z_.]+)=(.+)$/.exec(word);
  if (!match?.[1] || !match[2])
    throw new UsageError(`“${word}” is not a setting. Write --set NAME=VALUE, for example --set learning_rate=5e-4.`);
  if (match[1] === 'label_words') checkWords(match[2]);
  return { name: match[1], value: match[2] };
}

/** @typedef {ReturnType<typeof readArguments>} Arguments */

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

try {
  const options = readArguments(process.argv.slice(2));
  if (options.help) console.log(usage);
  else if (options.inspect) await inspect(options);
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
