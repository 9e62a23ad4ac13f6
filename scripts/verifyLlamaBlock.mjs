// `npm run verify:llama-block`: a training step of a block of Llama-2-7B's shape with 4-bit weights by our WGSL kernels, beside
// TensorFlow.js on the same weights de-quantised; and what the whole model needs in memory.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { onVerifyPage } from './verifyPage.mjs';

const usage = `npm run verify:llama-block -- [options]

One block of Llama-2-7B's shape (hidden 4096, 32 heads, intermediate 11008), 2 x 16 tokens, LoRA r=8 on q_proj and v_proj, random
4-bit weights: one step in Chromium on the software adapter, compared with TensorFlow.js.

  --plan                 only the memory of the whole model
  --layers N             blocks (1); a second one is run through by the gradients too
  --backend wasm|webgpu  of TensorFlow.js (wasm)
  --seed N               (1)`;

// Of the largest number of its kind. Sums of 4,096 and 11,008 products in float32, in another order on either side.
const tolerances = { output: 1e-4, gradient: 1e-4, moment: 2e-4 };
// In learning rates.
const updateTolerances = { sure: 1e-3, mean: 1e-3 };
const memoryGoalBytes = 6e9;

const { values } = parseArgs({
  options: {
    plan: { type: 'boolean', default: false },
    layers: { type: 'string', default: '1' },
    backend: { type: 'string', default: 'wasm' },
    seed: { type: 'string', default: '1' },
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

/** @param {number} bytes */
function gigabytes(bytes) {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

/** @param {import('../e2e/verify/page/llamaPlan').PlanRow[]} plans */
function printPlans(plans) {
  console.log('Llama-2-7B, 4-bit weights, batch 2 x 256 tokens, LoRA r=8 on q_proj and v_proj:');
  for (const { task, gradientCheckpointing, fp16, memory, largest } of plans) {
    const { totalBytes, weightBytes, adapterBytes, activationBytes } = memory;
    const parts = `weights ${gigabytes(weightBytes)}, adapter and optimizer ${gigabytes(adapterBytes)}, activations ${gigabytes(activationBytes)}`;
    const name = `${task}, checkpointing ${gradientCheckpointing ? 'on' : 'off'}, fp16 ${fp16 ? 'on' : 'off'}`;
    const words = `${name}: ${gigabytes(totalBytes)} (${parts}); largest binding ${(largest.bytes / 2 ** 20).toFixed(0)} MiB`;
    if (gradientCheckpointing) expect(totalBytes < memoryGoalBytes, words);
    else console.log(`      ${words}`);
  }
}

/** @param {import('../e2e/verify/page/llamaBlock').BlockAnswer} answer */
function judge({ executors, loss, deviations, update }) {
  for (const { name, loadSeconds, compileSeconds, stepSeconds, memoryBytes } of executors) {
    const words = `weights ${loadSeconds.toFixed(1)} s, kernels and one evaluation ${compileSeconds.toFixed(1)} s, step ${stepSeconds.toFixed(1)} s`;
    console.log(`${name}: ${words}, ${gigabytes(memoryBytes)} held`);
  }
  console.log(`Loss ${loss.wgsl.toFixed(6)} and ${loss.tfjs.toFixed(6)}.`);
  for (const { name, kind, value } of deviations)
    expect(value <= tolerances[kind], `${name}: ${value.toExponential(1)} off (${tolerances[kind].toExponential(0)} allowed)`);
  const { sure, mean, unsureShare, largest } = update;
  expect(largest > 0.9, `AdamW moved a parameter by ${largest.toFixed(2)} learning rates`);
  expect(
    sure <= updateTolerances.sure,
    `parameters after the step: ${sure.toExponential(1)} learning rates off at most where the gradient's sign is sure`,
  );
  expect(
    mean <= updateTolerances.mean,
    `all parameters: ${mean.toExponential(1)} off on average, ${(100 * unsureShare).toFixed(2)} % without a sure sign`,
  );
}

async function verify() {
  const { backend } = values;
  if (backend !== 'wasm' && backend !== 'webgpu') throw new Error(`--backend is “${backend}”. Choose wasm or webgpu.`);
  const threads = Math.min(8, availableParallelism());
  /** @type {import('../e2e/verify/page/llamaBlock').BlockQuestion} */
  const question = { layers: Number(values.layers), vocabulary: 1024, sequences: 2, tokensPerSequence: 16, r: 8, seed: Number(values.seed), backend, threads }; // prettier-ignore
  await onVerifyPage(async (page) => {
    printPlans(await page.evaluate(() => window.verify.plans()));
    if (!values.plan) judge(await page.evaluate((asked) => window.verify.block(asked), question));
  });
  if (failures.length > 0) throw new Error(`${failures.length} of the checks failed.`);
}

if (values.help) console.log(usage);
else {
  await verify().catch((/** @type {unknown} */ error) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}
