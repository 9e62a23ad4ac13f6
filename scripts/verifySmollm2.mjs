// `npm run verify:smollm2`: SmolLM2-135M-Instruct as GGUF in Chromium beside what PyTorch, transformers and PEFT got from it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './servePage.mjs';
import { onVerifyPage } from './verifyPage.mjs';

const usage = `npm run verify:smollm2 -- --model FILE --data DIR --reference DIR [options]

  --model FILE           SmolLM2-135M-Instruct.Q4_1.gguf
  --data DIR             with tweet_eval_sentiment/ and rotten_tomatoes/, each with train.csv, validation.csv and test.csv
  --reference DIR        with parity.json, tweets.json and reviews.json
  --only PART            parity, tweets or reviews; else all three
  --steps N              of the two tunings: 100 or more, else as many as the reference has; 0: the base model alone, on the tweets
  --device auto|webgpu|wasm   for the two tunings (wasm)`;

const logitTolerance = 2e-2;
const comparedTokens = 16;
const f1Tolerance = 0.08;
const accuracyTolerance = 0.02;

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    data: { type: 'string' },
    reference: { type: 'string' },
    only: { type: 'string' },
    steps: { type: 'string' },
    device: { type: 'string', default: 'wasm' },
    help: { type: 'boolean', default: false },
  },
});

/** @type {string[]} */
const failures = [];

/** @param {boolean} holds @param {string} words */
function expect(holds, words) {
  console.log(`${holds ? 'ok  ' : 'FAIL'}  ${words}`);
  if (!holds) failures.push(words);
}

/** @param {string} name */
function reference(name) {
  return JSON.parse(readFileSync(join(String(values.reference), name), 'utf8'));
}

/**
 * @typedef {{ chat: { role: 'system' | 'user', content: string }[], prompt: string, input_ids: number[], last_logits_top20: [number, number][], greedy_ids: number[], greedy_text: string }} ReferenceChat
 * @typedef {{ settings: Record<string, unknown> & { max_steps: number, system?: string }, steps: { step: number, seconds: number, accuracy: number, macro_f1: number }[], base: { accuracy: number, macro_f1: number } }} ReferenceRun
 */

/** @param {readonly unknown[]} first @param {readonly unknown[]} second */
function same(first, second) {
  return first.length === second.length && first.every((value, index) => value === second[index]);
}

async function parity() {
  /** @type {{ chats: ReferenceChat[], tokenize: { text: string, ids: number[] }[] }} */
  const wanted = reference('parity.json');
  const question = {
    chats: wanted.chats.map(({ chat }) => chat),
    texts: wanted.tokenize.map(({ text }) => text),
    newTokens: Math.max(comparedTokens, ...wanted.chats.map(({ greedy_ids: ids }) => ids.length)),
    threads: Math.min(8, availableParallelism()),
  };
  const got = await onVerifyPage(async (page) => {
    await page.locator('#model').setInputFiles(String(values.model));
    return page.evaluate((asked) => window.verify.chats(asked), question);
  });
  wanted.tokenize.forEach(({ text, ids }, index) =>
    expect(same(got.tokens[index] ?? [], ids), `tokens of ${JSON.stringify(text)}`),
  );
  wanted.chats.forEach((chat, index) => {
    const own = got.chats[index];
    const name = `chat ${index + 1}`;
    if (!own) return expect(false, `${name} was not answered`);
    expect(
      own.prompt === chat.prompt && same(own.ids, chat.input_ids),
      `${name}: ${chat.input_ids.length} token ids of the prompt`,
    );
    const far = Math.max(...chat.last_logits_top20.map(([id, value]) => Math.abs((own.logits[id] ?? Number.NaN) - value)));
    expect(
      far <= logitTolerance,
      `${name}: the 20 largest logits of the last position differ by ${far.toExponential(1)} at most`,
    );
    const order = own.logits.map((value, id) => ({ value, id })).sort((a, b) => b.value - a.value || a.id - b.id);
    const first = order.slice(0, 5).map(({ id }) => id);
    expect(
      same(
        first,
        chat.last_logits_top20.slice(0, 5).map(([id]) => id),
      ),
      `${name}: the first five in the same order`,
    );
    const alike = own.greedyIds.findIndex((id, at) => id !== chat.greedy_ids[at]);
    const compared = chat.greedy_ids.slice(0, comparedTokens);
    expect(
      same(own.greedyIds.slice(0, compared.length), compared),
      `${name}: ${compared.length} greedy tokens; alike ${alike < 0 ? `all ${own.greedyIds.length}` : `the first ${alike}`}: ${JSON.stringify(own.greedyText)}`,
    );
  });
  console.log(
    `Loaded in ${got.loadSeconds.toFixed(1)} s; read three prompts and wrote ${got.newTokens} tokens in ${got.writeSeconds.toFixed(1)} s.`,
  );
}

/** The first rows of each class, as the reference takes them. @param {string} file @param {number} perClass */
function firstRows(file, perClass) {
  const [header = '', ...rows] = records(readFileSync(join(String(values.data), file), 'utf8'));
  /** @type {Map<string, number>} */
  const seen = new Map();
  const kept = rows.filter((row) => {
    const label = row.trimEnd().split(',').at(-1) ?? '';
    seen.set(label, (seen.get(label) ?? 0) + 1);
    return (seen.get(label) ?? 0) <= perClass;
  });
  return `${[header, ...kept].join('\n')}\n`;
}

/** Records of a CSV file; line breaks within quotation marks stay. @param {string} csv */
function records(csv) {
  /** @type {string[]} */
  const found = [];
  let open = '';
  for (const line of csv.split(/\r?\n/)) {
    open = open === '' ? line : `${open}\n${line}`;
    if ((open.split('"').length - 1) % 2 === 1) continue;
    if (open !== '') found.push(open);
    open = '';
  }
  return found;
}

/**
 * Tunes as a user would, by `npm run tune`.
 * @param {{ folder: string, set: string, files: string[], extra?: string[] }} run
 * @returns {{ base: { accuracy: number, macroF1: number }, tuned: { accuracy: number, macroF1: number, loss: number }, seconds: number, device: string, steps: number, unparsed?: { base: number, tuned: number } }}
 */
function tune({ folder, set, files, extra = [] }) {
  const out = join(folder, 'out');
  const args = [
    'scripts/tune.mjs',
    '--model',
    String(values.model),
    ...files,
    '--out',
    out,
    '--device',
    String(values.device),
    ...extra,
  ];
  const { status } = spawnSync(process.execPath, [...args, '--set', set], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`npm run tune ended with ${status}.`);
  return JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8'));
}

/** The reference at the last of its steps that ours reached. @param {ReferenceRun} run @param {number} steps */
function atStep({ steps: all }, steps) {
  const reached = all.filter(({ step }) => step <= steps).at(-1);
  if (!reached) throw new Error(`The reference has nothing at ${steps} steps. Give --steps 100 or more.`);
  return reached;
}

/** @param {string} folder */
function tweets(folder) {
  /** @type {ReferenceRun} */
  const wanted = reference('tweets.json');
  const steps = Number(values.steps ?? wanted.settings.max_steps);
  const [validation, test] = [join(folder, 'validation.csv'), join(folder, 'test.csv')];
  writeFileSync(validation, firstRows('tweet_eval_sentiment/validation.csv', 10));
  writeFileSync(test, firstRows('tweet_eval_sentiment/test.csv', 100));
  const got = tune({
    folder,
    files: ['--data', join(String(values.data), 'tweet_eval_sentiment/train.csv'), '--validation', validation, '--test', test],
    extra: ['--task', 'prompt', '--system', String(wanted.settings.system), '--prompt', '{text}{label}'],
    set: `r=8 lora_alpha=16 lora_dropout=0.05 target_modules=k_proj,v_proj learning_rate=5e-4 per_device_train_batch_size=16 max_steps=${steps} lr_scheduler_type=linear warmup_steps=0 max_grad_norm=1 weight_decay=0.01 eval_steps=0 max_length=256`,
  });
  const { base } = wanted;
  expect(
    Math.abs(got.base.macroF1 - base.macro_f1) <= 0.02,
    `tweets, base: macro-F1 ${got.base.macroF1.toFixed(3)}, PyTorch ${base.macro_f1.toFixed(3)}`,
  );
  if (steps === 0) return;
  const near = atStep(wanted, steps);
  const words = `tweets, step ${steps}: macro-F1 ${got.tuned.macroF1.toFixed(3)} in ${got.seconds.toFixed(0)} s; PyTorch ${near.macro_f1.toFixed(3)} at step ${near.step} in ${near.seconds} s`;
  expect(Math.abs(got.tuned.macroF1 - near.macro_f1) <= f1Tolerance, words);
  console.log(
    `Free answers that name no label: ${got.unparsed?.base.toFixed(3)} before, ${got.unparsed?.tuned.toFixed(3)} after. ${got.device}`,
  );
}

/** @param {string} folder */
function reviews(folder) {
  /** @type {ReferenceRun} */
  const wanted = reference('reviews.json');
  const steps = Number(values.steps ?? wanted.settings.max_steps);
  const file = (/** @type {string} */ name) => join(String(values.data), 'rotten_tomatoes', `${name}.csv`);
  const validation = join(folder, 'validation.csv');
  writeFileSync(validation, firstRows('rotten_tomatoes/validation.csv', 20));
  const got = tune({
    folder,
    files: ['--data', file('train'), '--validation', validation, '--test', file('test')],
    set: `r=8 lora_alpha=16 lora_dropout=0.1 target_modules=q_proj,v_proj learning_rate=1e-3 per_device_train_batch_size=16 max_steps=${steps} lr_scheduler_type=linear warmup_steps=0.06 max_grad_norm=1 eval_steps=0 max_length=128`,
  });
  const near = atStep(wanted, steps);
  const words = `reviews, step ${steps}: accuracy ${got.tuned.accuracy.toFixed(3)} in ${got.seconds.toFixed(0)} s; PyTorch ${near.accuracy.toFixed(3)} at step ${near.step} in ${near.seconds} s`;
  expect(Math.abs(got.tuned.accuracy - near.accuracy) <= accuracyTolerance, words);
}

async function verify() {
  const wants = (/** @type {string} */ part) => values.only === undefined || values.only === part;
  if (wants('parity')) await parity();
  const folder = mkdtempSync(join(tmpdir(), 'tunelet-smollm2-'));
  try {
    if (wants('tweets')) tweets(folder);
    if (wants('reviews') && values.steps !== '0') reviews(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
  if (failures.length > 0) throw new Error(`${failures.length} of the checks failed.`);
}

if (values.help || [values.model, values.data, values.reference].includes(undefined)) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  await verify().catch((/** @type {unknown} */ error) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}
