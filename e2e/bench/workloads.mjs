// What is measured: shapes, adapters, and batches of real lengths. Plain JavaScript, so that Node runs it as it stands.
import { readFileSync } from 'node:fs';

/** @typedef {import('./page/workload').Workload} Workload */
/** @typedef {import('./page/tuneletEngine').Precision} Precision */
/**
 * @typedef {{
 *   id: string,
 *   workload: Workload,
 *   tfjs: boolean,
 *   precisions: Precision[],
 *   steps: number,
 *   seconds: number,
 *   measuredElsewhere?: import('./page/measure').BenchRow,
 * }} Job
 */

const histograms = JSON.parse(readFileSync(new URL('lengths/lengths.json', import.meta.url), 'utf8'));

const gpt2 = { layers: 12, width: 768, heads: 12, positions: 1024, vocabulary: 50257, labels: 2 };
const embedded = { layers: 4, width: 256, heads: 4, positions: 512, vocabulary: 8192, labels: 2 };
const small = { r: 8, loraAlpha: 16, targets: ['c_attn'] };
const everywhere = { r: 16, loraAlpha: 32, targets: ['c_attn', 'c_proj', 'c_fc'] };
const equalBatches = [[32, 32, 32, 32]];

/**
 * torchlette trains GPT-2 with LoRA in a tab as well. Measured before on a machine like the one without a GPU here; it is
 * not run by this benchmark.
 */
const torchlette = {
  workload: 'GPT-2, vocabulary 1,024, batch 4 x 32, r=8 on c_attn',
  engine: 'torchlette',
  precision: 'float32',
  steps: 3,
  msPerStep: 74_000,
  msMinimum: 72_000,
  msMaximum: 76_000,
  examplesPerSecond: 4 / 74,
  tokensPerSecond: 128 / 74,
  encodeMs: null,
  dispatches: 890,
  submits: 7,
  bindGroups: null,
  weightBytes: null,
  arenaBytes: null,
  gpuBytes: 3.8e9,
  multiplyAdds: null,
  peakShare: null,
  firstStepMs: null,
  kernels: null,
  findings: null,
  note: 'taken elsewhere: Node, Dawn, software adapter; not part of this run',
};

/** @type {{ id: string, workload: Workload }[]} */
export const workloads = [
  named('gpt2-3-layers', 'GPT-2 cut to 3 layers, batch 4 x 32', { ...gpt2, layers: 3 }, small, equalBatches),
  named('gpt2-torchlette', 'GPT-2, vocabulary 1,024, batch 4 x 32', { ...gpt2, vocabulary: 1024 }, small, equalBatches),
  named('gpt2-4x32', 'GPT-2, batch 4 x 32', gpt2, small, equalBatches),
  named('gpt2-3-layers-sst2-8', 'GPT-2 cut to 3 layers, SST-2, batch 8', { ...gpt2, layers: 3 }, small, batches('sst2', 8)),
  named('gpt2-sst2-8', 'GPT-2, SST-2, batch 8', gpt2, small, batches('sst2', 8)),
  named('gpt2-sst2-16', 'GPT-2, SST-2, batch 16', gpt2, small, batches('sst2', 16)),
  named('gpt2-sst2-32', 'GPT-2, SST-2, batch 32', gpt2, small, batches('sst2', 32)),
  named('gpt2-sst2-16-all', 'GPT-2, SST-2, batch 16', gpt2, everywhere, batches('sst2', 16)),
  named('gpt2-imdb-4', 'GPT-2, IMDb, batch 4', gpt2, small, batches('imdb', 4)),
  named('gpt2-imdb-8', 'GPT-2, IMDb, batch 8', gpt2, small, batches('imdb', 8)),
  named('gpt2-imdb-8-all', 'GPT-2, IMDb, batch 8', gpt2, everywhere, batches('imdb', 8)),
  named('gpt2-imdb-32', 'GPT-2, IMDb, batch 32', gpt2, small, batches('imdb', 32)),
  named('embedded-32', 'embedded model, Rotten Tomatoes, batch 32', embedded, small, batches('rottenTomatoes', 32)),
];

/** What a processor does in minutes. */
const quick = {
  browser: ['gpt2-3-layers', 'gpt2-torchlette', 'gpt2-3-layers-sst2-8', 'embedded-32'],
  dawn: ['gpt2-torchlette', 'gpt2-3-layers-sst2-8', 'embedded-32'],
  wasm: ['gpt2-sst2-8', 'embedded-32'],
};

/** These ask for too much of a processor. */
const forHardware = ['gpt2-imdb-8-all', 'gpt2-imdb-32'];

/** Where plain TensorFlow.js takes minutes a step on a processor, it is measured on these alone. */
const besideTfjs = ['gpt2-3-layers', 'gpt2-4x32'];

/** A software adapter computes float16 as it does float32: once is enough to see its bytes and that it runs. */
const inHalves = ['gpt2-3-layers-sst2-8', 'gpt2-sst2-8', 'embedded-32'];

/** Cut workloads stand in for the whole ones where that is all there is time for. */
const cutShort = ['gpt2-3-layers-sst2-8'];

/**
 * The jobs of a run, in order. `only`: these ids, and nothing else.
 * @param {{ target: 'browser' | 'dawn' | 'wasm', quick: boolean, software: boolean, only: string[] }} options
 * @returns {Job[]}
 */
export function jobsOf({ target, quick: short, software, only }) {
  const unknown = only.filter((id) => !workloads.some((workload) => workload.id === id));
  if (unknown.length > 0) {
    throw new Error(`There is no workload ${unknown.join(', ')}; there are ${workloads.map(({ id }) => id).join(', ')}.`);
  }
  const whole = workloads.filter(({ id }) => !cutShort.includes(id) && !(software && forHardware.includes(id)));
  const wanted = only.length > 0 ? only : short ? quick[target] : whole.map(({ id }) => id);
  return workloads
    .filter(({ id }) => wanted.includes(id))
    .map(({ id, workload }) => ({
      id,
      workload,
      tfjs: target === 'browser' && (software ? besideTfjs.includes(id) && !(short && id !== 'gpt2-3-layers') : true),
      precisions:
        target === 'wasm' ? ['float32'] : software && !inHalves.includes(id) ? ['float16 weights'] : ['float16 weights', 'fp16'],
      ...effort(target, software, short, workload),
      ...(id === 'gpt2-torchlette' && target !== 'wasm' ? { measuredElsewhere: torchlette } : {}),
    }));
}

/**
 * @param {'browser' | 'dawn' | 'wasm'} target
 * @param {boolean} software
 * @param {boolean} short
 * @param {Workload} workload
 */
function effort(target, software, short, workload) {
  if (target === 'wasm') return { steps: short ? 10 : 24, seconds: short ? 30 : 60 };
  if (software) return short ? { steps: 3, seconds: 40 } : { steps: 8, seconds: 90 };
  return { steps: workload.batches.length === 1 ? 20 : 5 * workload.batches.length, seconds: short ? 5 : 20 };
}

/**
 * @param {string} id
 * @param {string} name
 * @param {typeof gpt2} shape
 * @param {typeof small} adapter
 * @param {number[][]} lengths
 */
function named(id, name, shape, adapter, lengths) {
  const whole = `${name}, r=${adapter.r} on ${adapter.targets.length === 1 ? adapter.targets[0] : 'all linear layers'}`;
  return { id, workload: { name: whole, ...shape, ...adapter, batches: lengths } };
}

/**
 * Eight batches of so many texts, drawn from a histogram of token lengths; the same ones each time.
 * @param {string} name
 * @param {number} size
 */
function batches(name, size) {
  /** @type {{ texts: number, countOfLength: number[] }} */
  const { texts, countOfLength } = histograms[name];
  let state = 20_260 + size;
  const draw = () => {
    // A linear congruential generator (Numerical Recipes' constants) is enough to draw lengths.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    let left = (state / 2 ** 32) * texts;
    return countOfLength.findIndex((count) => (left -= count) < 0);
  };
  return Array.from({ length: 8 }, () => Array.from({ length: size }, draw));
}
