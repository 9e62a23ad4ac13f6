import { createTfjsExecutor } from '../../../workers/engine/tfjs/executor';
import { createWgslExecutor } from '../../../workers/engine/wgsl/executor';
import type { Executor, WeightRows } from '../../../workers/engine/executor';
import type { Value, WeightStorage } from '../../../workers/engine/graph';
import type { ParameterLayout } from '../../../workers/engine/parameters';
import { dequantise, quantise } from '../../../workers/engine/quantisedBlocks';
import type { StepValues } from '../../../workers/engine/step';
import { parseLlamaConfig } from '../../../workers/models/llamaConfig';
import { llamaModel } from '../../../workers/models/llamaModel';
import { ops } from '../../../workers/ops/index';
import { llama2 } from '../../../workers/testing/llamaGraphs';
import { adam } from '../../../workers/training/graphs';
import { buildLanguageModelGraphs, type LanguageModelGraphs } from '../../../workers/training/languageModelGraphs';
import { RandomStream } from '../../../workers/training/random';
import { targetBatch } from '../../../workers/training/targetExamples';

/** A few blocks of Llama-2-7B's shape, with random weights. */
export interface BlockQuestion {
  layers: number;
  /** Entries; the real one has 32,000. */
  vocabulary: number;
  sequences: number;
  tokensPerSequence: number;
  r: number;
  seed: number;
  /** Of TensorFlow.js. */
  backend: 'wasm' | 'webgpu';
  threads: number;
}

export interface BlockAnswer {
  executors: { name: string; loadSeconds: number; compileSeconds: number; stepSeconds: number; memoryBytes: number }[];
  loss: { wgsl: number; tfjs: number };
  gradNorm: { wgsl: number; tfjs: number };
  /** Largest difference over the largest number, of each thing compared. */
  deviations: { name: string; kind: 'output' | 'gradient' | 'moment'; value: number }[];
  update: UpdateDifference;
}

/** How the two updates of the parameters differ, in learning rates: AdamW's first step moves each number by about one. */
export interface UpdateDifference {
  /** Largest difference where the gradient is more than a thousandth of its tensor's largest: it has a sure sign there. */
  sure: number;
  mean: number;
  /** Share of the numbers whose sign is not sure. */
  unsureShare: number;
  /** Largest step of all, to show that there was one. */
  largest: number;
}

const learningRate = 2e-4;
/** So that a portion of the widest weight is 12 MB. */
const rowsAtOnce = 256;
const weightSpread = 0.035;
const adapterSpread = 0.02;

/** One step on WGSL from 4-bit weights and one on TensorFlow.js from the same weights de-quantised, compared. `wasmPath`: see `BackendOptions`. */
export async function compareBlock(question: BlockQuestion, wasmPath: string): Promise<BlockAnswer> {
  const wgsl = await stepOn('WGSL, 4-bit weights', 'int4', question, () => createWgslExecutor({ ops }));
  const { backend, threads } = question;
  const tfjs = await stepOn(`TensorFlow.js on ${backend}, float32 weights`, 'float32', question, () =>
    createTfjsExecutor({ ops, backend, wasmPath, threads }),
  );
  const tensors = (run: StepRun, name: 'gradients' | 'firstMoment' | 'secondMoment') => run.layout.unpack(run.states[name]);
  const perTensor = (name: 'gradients' | 'firstMoment' | 'secondMoment', kind: 'gradient' | 'moment', words: string) =>
    [...tensors(tfjs, name)].map(([tensor, expected]) => ({
      name: `${words} of ${tensor.replace(/^base_model\.model\.model\./, '')}`,
      kind,
      value: relativeDifference(tensors(wgsl, name).get(tensor) ?? new Float32Array(), expected),
    }));
  return {
    executors: [wgsl.figures, tfjs.figures],
    loss: { wgsl: wgsl.loss, tfjs: tfjs.loss },
    gradNorm: { wgsl: wgsl.gradNorm, tfjs: tfjs.gradNorm },
    deviations: [
      { name: 'loss', kind: 'output', value: Math.abs(wgsl.loss / tfjs.loss - 1) },
      { name: 'gradient norm', kind: 'output', value: Math.abs(wgsl.gradNorm / tfjs.gradNorm - 1) },
      {
        name: 'log-sum-exp and label’s logit of every token',
        kind: 'output',
        value: relativeDifference(wgsl.statistics, tfjs.statistics),
      },
      ...perTensor('gradients', 'gradient', 'gradient'),
      ...perTensor('firstMoment', 'moment', 'first moment'),
      ...perTensor('secondMoment', 'moment', 'second moment'),
    ],
    update: updateDifference(wgsl, tfjs),
  };
}

interface StepRun {
  figures: BlockAnswer['executors'][number];
  layout: ParameterLayout;
  loss: number;
  gradNorm: number;
  statistics: Float32Array;
  before: Float32Array;
  states: Record<'parameters' | 'gradients' | 'firstMoment' | 'secondMoment', Float32Array>;
}

async function stepOn(
  name: string,
  storage: WeightStorage,
  question: BlockQuestion,
  create: () => Promise<Executor>,
): Promise<StepRun> {
  const { seed, sequences, tokensPerSequence } = question;
  const graphs = graphsOf(question, storage);
  const executor = await create();
  try {
    const loading = performance.now();
    await writeRandomWeights(executor, graphs, seed);
    const before = randomParameters(graphs.layout, seed);
    executor.allocateParameters(graphs.layout.size);
    executor.writeState('parameters', before);
    const compiling = performance.now();
    const tokens = sequences * tokensPerSequence;
    const capacity = { tokens, sequences, targets: tokens };
    const evaluate = await executor.prepare(graphs.evaluate, capacity);
    const train = await executor.prepare(graphs.train, capacity);
    const batch = randomBatch(question);
    const told = await evaluate.run(batch, stepOf(tokens), false);
    const stepping = performance.now();
    const readings = await train.run(batch, stepOf(tokens), true);
    const parameters = await executor.readState('parameters');
    const ended = performance.now();
    return {
      figures: {
        name,
        loadSeconds: (compiling - loading) / 1000,
        compileSeconds: (stepping - compiling) / 1000,
        stepSeconds: (ended - stepping) / 1000,
        memoryBytes: executor.memoryBytes,
      },
      layout: graphs.layout,
      loss: readings.get('loss')?.[0] ?? Number.NaN,
      gradNorm: readings.get('gradNorm')?.[0] ?? Number.NaN,
      statistics: told.get('statistics') ?? new Float32Array(),
      before,
      states: {
        parameters,
        gradients: await executor.readState('gradients'),
        firstMoment: await executor.readState('firstMoment'),
        secondMoment: await executor.readState('secondMoment'),
      },
    };
  } finally {
    executor.dispose();
  }
}

function graphsOf({ layers, vocabulary, sequences, tokensPerSequence, r }: BlockQuestion, storage: WeightStorage) {
  const model = llamaModel(parseLlamaConfig({ ...llama2, num_hidden_layers: layers, vocab_size: vocabulary }, 'llama'));
  const adapts = (module: string): boolean => /\.[qv]_proj$/.test(module);
  const lora = { r, scaling: 2, dropout: 0.05, adapts };
  const targets = sequences * tokensPerSequence;
  return buildLanguageModelGraphs(model, { lora, storage }, { training: targets, evaluation: targets }, { everyToken: true });
}

/** Every matrix as the quantiser makes it of random numbers: its blocks for a graph that holds such, else the numbers they stand for. */
async function writeRandomWeights(executor: Executor, { train, evaluate }: LanguageModelGraphs, seed: number): Promise<void> {
  const used = [train, evaluate].flatMap(({ nodes }) => nodes.flatMap(({ inputs }) => inputs));
  const weights = [...new Set(used.filter((value): value is Value => value?.role.kind === 'weight'))];
  executor.allocateWeights(weights);
  const written = new Set<string>();
  for (const { role, shape } of weights) {
    if (role.kind !== 'weight' || written.has(role.tensor)) continue;
    written.add(role.tensor);
    const random = new RandomStream(seed, role.tensor);
    const [rows = 0, rowLength = 0] = shape.length === 1 ? [1, Number(shape[0])] : shape.map(Number);
    for (let rowOffset = 0; rowOffset < rows; rowOffset += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows - rowOffset);
      const numbers = Float32Array.from({ length: count * rowLength }, () => weightSpread * (2 * random.uniform() - 1));
      executor.writeWeights({
        tensor: role.tensor,
        rowOffset,
        rows: count,
        rowLength,
        values: held(numbers, shape.length, role.storage),
      });
      // The page stays alive.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
  await executor.finishWeights();
}

/** A norm's numbers lie about one. */
function held(numbers: Float32Array<ArrayBuffer>, dimensions: number, storage: WeightStorage): WeightRows['values'] {
  if (dimensions === 1) return numbers.map((number) => 1 + number);
  const blocks = quantise('int4', numbers);
  return storage === 'int4' ? blocks : dequantise(blocks);
}

/** lora_B too, else lora_A would get no gradient in the first step. */
function randomParameters(layout: ParameterLayout, seed: number): Float32Array {
  const tensors = [...layout.tensors()].map(([name, [rows, columns]]) => {
    const random = new RandomStream(seed, name);
    return [name, Float32Array.from({ length: rows * columns }, () => adapterSpread * (2 * random.uniform() - 1))] as const;
  });
  return layout.pack(new Map(tensors));
}

/** One token more than are read: the last is only predicted. */
function randomBatch({ sequences, tokensPerSequence, vocabulary, seed }: BlockQuestion) {
  const random = new RandomStream(seed, 'tokens');
  const examples = Array.from({ length: sequences }, () => ({
    ids: Array.from({ length: tokensPerSequence + 1 }, () => Math.floor(random.uniform() * vocabulary)),
    targetStart: 1,
  }));
  return targetBatch(examples, [...examples.keys()]);
}

function stepOf(targets: number): StepValues {
  const { beta1, beta2 } = adam;
  return {
    dropoutSeed: 1,
    lossWeight: 1 / targets,
    accumulate: false,
    learningRate,
    weightDecay: 0.01,
    maxGradNorm: 1,
    correction1: 1 - beta1,
    correction2: 1 - beta2,
  };
}

/** max|a - b| / max|b| */
function relativeDifference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Number.NaN;
  let difference = 0;
  let largest = 0;
  for (const [index, value] of expected.entries()) {
    const gap = Math.abs(actual[index]! - value);
    // Also where it is not a number.
    if (!(gap <= difference)) difference = gap;
    largest = Math.max(largest, Math.abs(value));
  }
  return difference / largest;
}

function updateDifference(wgsl: StepRun, tfjs: StepRun): UpdateDifference {
  const gradients = tfjs.layout.unpack(tfjs.states.gradients);
  const [own, other] = [wgsl, tfjs].map(({ layout, states }) => layout.unpack(states.parameters));
  const before = tfjs.layout.unpack(tfjs.before);
  let [sure, sum, unsure, count, largest] = [0, 0, 0, 0, 0];
  for (const [name, gradient] of gradients) {
    const [a, b, start] = [own?.get(name), other?.get(name), before.get(name)];
    if (!a || !b || !start) throw new Error(`${name} is missing.`);
    const bound = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 1000;
    for (const [index, value] of gradient.entries()) {
      const gap = Math.abs(a[index]! - b[index]!) / learningRate;
      if (Math.abs(value) <= bound) unsure += 1;
      else if (!(gap <= sure)) sure = gap;
      sum += gap;
      count += 1;
      largest = Math.max(largest, Math.abs(a[index]! - start[index]!) / learningRate);
    }
  }
  return { sure, mean: sum / count, unsureShare: unsure / count, largest };
}
