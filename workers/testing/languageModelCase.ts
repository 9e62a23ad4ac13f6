import type { BranchedText } from '../data/collateBranches';
import { targetCount, type TargetExample } from '../data/collateTargets';
import type { Executor, Program, Readings } from '../engine/executor';
import type { Graph, Value, WeightStorage } from '../engine/graph';
import { lossScaleStart, initialLossScale } from '../engine/lossScale';
import { heldAs, roundedTo } from '../engine/weightStorage';
import { idleStep, type StepValues } from '../engine/step';
import { buildGenerationGraphs, type GenerationGraphs } from '../evaluation/generationGraph';
import { Generator } from '../evaluation/generation';
import { greedy } from '../evaluation/sampling';
import { AnswerScorer, scoringCapacity } from '../evaluation/scoring';
import { parseSafetensorsHeader } from '../files/safetensors';
import { readSafetensors, type FloatTensor } from '../files/safetensorsData';
import { scalingOf } from '../lora/config';
import { matchesTarget } from '../lora/targets';
import type { BaseModel, BodyPlan } from '../models/architecture';
import { baseModelOf } from '../models/registry';
import { adam } from '../training/graphs';
import {
  buildLanguageModelGraphs,
  buildScoringGraph,
  type LanguageModelGraphs,
  type LanguageModelOptions,
} from '../training/languageModelGraphs';
import { learningRateAt } from '../training/schedule';
import { targetBatch } from '../training/targetExamples';
import { buildLogits, everyTokenBatch, weightsOf } from './logitsGraph';
import { isSnapshotStep, snapshotOf, type Trajectory } from './trajectory';

interface TrajectoryFile {
  hyper: { learning_rate: number; weight_decay: number; warmup_steps: number; max_grad_norm: number; steps: number };
  sequences: number[][];
  prompt_lengths: number[];
  order: number[][];
  loss: number[];
  grad_norm: number[];
}

interface MetaFile {
  prompt_lengths: number[];
  lora: { r: number; lora_alpha: number; use_rslora?: boolean; use_dora?: boolean; target_modules: string[] };
}

interface GenerationFile {
  generations: { prompt: number[]; new_tokens: number[] }[];
}

/** A folder of reference fixtures of a language model, written by PyTorch, transformers and PEFT. */
export interface LanguageModelCase {
  name: string;
  meta: MetaFile;
  model: BaseModel;
  /** Tokens that a row sees; null: all before it. */
  window: number | null;
  tensors: ReadonlyMap<string, FloatTensor>;
  adapter: ReadonlyMap<string, FloatTensor>;
  finalAdapter: ReadonlyMap<string, FloatTensor>;
  expected: ReadonlyMap<string, FloatTensor>;
  /** Of the trajectory: its states after some steps, and the logits at its end. */
  snapshots: ReadonlyMap<string, FloatTensor>;
  trajectory: TrajectoryFile;
  generation: GenerationFile;
  examples: readonly (TargetExample & { ids: Int32Array })[];
}

/** `read` gives the bytes of a file of the case's folder. */
export async function loadLanguageModelCase(
  name: string,
  read: (file: string) => Promise<Uint8Array>,
): Promise<LanguageModelCase> {
  const json = async <T>(file: string): Promise<T> => JSON.parse(new TextDecoder().decode(await read(file)));
  const tensors = async (file: string): Promise<ReadonlyMap<string, FloatTensor>> => readSafetensors(await read(file)).tensors;
  const meta = await json<MetaFile>('meta.json');
  const config = await json<{ sliding_window?: number | null }>('config.json');
  const sequences = realTokens(await read('batch.safetensors'));
  return {
    name,
    meta,
    model: baseModelOf(config),
    window: config.sliding_window ?? null,
    tensors: await tensors('model.safetensors'),
    adapter: await tensors('adapter/adapter_model.safetensors'),
    finalAdapter: await tensors('final_adapter/adapter_model.safetensors'),
    expected: await tensors('expected.safetensors'),
    snapshots: await tensors('trajectory.safetensors'),
    trajectory: await json('trajectory.json'),
    generation: await json('generation.json'),
    examples: sequences.map((ids, index) => ({ ids, targetStart: meta.prompt_lengths[index] ?? 0 })),
  };
}

/** The case with its matrices as this storage holds them. */
export function roundedLanguageModel(parity: LanguageModelCase, storage: WeightStorage): LanguageModelCase {
  const rounded = (label: string, tensor: FloatTensor): FloatTensor => {
    const role = { kind: 'weight', tensor: label, columns: null, storage } as const;
    const held = heldAs({ role, label, shape: tensor.shape });
    return { ...tensor, values: roundedTo(held, Float32Array.from(tensor.values)) };
  };
  return { ...parity, tensors: new Map([...parity.tensors].map(([name, tensor]) => [name, rounded(name, tensor)])) };
}

/** The batch's sequences without their padding. */
function realTokens(bytes: Uint8Array): Int32Array[] {
  const { tensors } = parseSafetensorsHeader(bytes, bytes.length);
  const integers = (wanted: string): { columns: number; values: Int32Array } => {
    const found = tensors.find(({ name }) => name === wanted);
    if (!found) throw new Error(`The batch has no ${wanted}.`);
    const values = new Int32Array(bytes.slice(found.byteOffset, found.byteOffset + found.byteLength).buffer);
    return { columns: found.shape[1] ?? 0, values };
  };
  const [ids, mask] = [integers('input_ids'), integers('attention_mask')];
  return Array.from({ length: ids.values.length / ids.columns }, (_, row) => {
    const [begin, end] = [row * ids.columns, (row + 1) * ids.columns];
    return ids.values.slice(begin, end).filter((_, column) => mask.values[begin + column] === 1);
  });
}

const capacity = { tokens: 128, sequences: 8, targets: 128 };
const room = { texts: 2, tokensPerText: 40 };

/** The case on an executor: weights loaded as a checkpoint's are, the fixture's adapter as parameters. */
export class LanguageModelRun {
  readonly graphs: LanguageModelGraphs;
  private readonly parity: LanguageModelCase;
  private readonly executor: Executor;
  private readonly train: Program;
  private readonly logitsGraph: Graph;
  private readonly generation: GenerationGraphs;

  private constructor(
    parity: LanguageModelCase,
    executor: Executor,
    graphs: LanguageModelGraphs,
    train: Program,
    logitsGraph: Graph,
    generation: GenerationGraphs,
  ) {
    this.parity = parity;
    this.executor = executor;
    this.graphs = graphs;
    this.train = train;
    this.logitsGraph = logitsGraph;
    this.generation = generation;
  }

  static async create(
    parity: LanguageModelCase,
    executor: Executor,
    storage: WeightStorage,
    options: LanguageModelOptions = {},
  ): Promise<LanguageModelRun> {
    const { model } = parity;
    const plan = planOf(parity, storage);
    // Small chunks, so that there are several.
    const graphs = withChunks(buildLanguageModelGraphs(model, plan, { training: 128, evaluation: 128 }, options), 96);
    const logitsGraph = buildLogits(model, plan, graphs.layout);
    const generation = buildGenerationGraphs(model, plan, graphs.layout, room);
    executor.allocateWeights(weightsOf([graphs.train, logitsGraph, generation.prefill]));
    for (const [fileName, { shape, values }] of parity.tensors) {
      const tensor = model.wantedTensor(fileName);
      if (tensor === null) continue;
      const [rows, rowLength] = shape.length === 1 ? [1, shape[0] ?? 0] : [shape[0] ?? 0, shape[1] ?? 0];
      executor.writeWeights({ tensor, rowOffset: 0, rows, rowLength, values });
    }
    await executor.finishWeights();
    executor.allocateParameters(graphs.layout.size);
    const train = await executor.prepare(graphs.train, capacity);
    const run = new LanguageModelRun(parity, executor, graphs, train, logitsGraph, generation);
    run.reset();
    return run;
  }

  /** The fixture's adapter. */
  reset(): void {
    const values = new Map([...this.parity.adapter].map(([name, tensor]) => [name, tensor.values]));
    this.executor.writeState('parameters', this.graphs.layout.pack(values));
    if (this.graphs.fp16) this.executor.writeState('lossScale', lossScaleStart(initialLossScale));
  }

  /** `(tokens, vocabulary)` of all sequences of the batch. */
  async logits(): Promise<Float32Array> {
    const program = await this.executor.prepare(this.logitsGraph, capacity);
    const readings = await program.run(everyTokenBatch(this.parity.examples.map(({ ids }) => ids)), idleStep, false);
    program.dispose();
    return readings.get('logits') ?? new Float32Array();
  }

  /** Forward and backward on the case's batch, no update. */
  async gradients(): Promise<{ readings: Readings; gradients: Map<string, Float32Array> }> {
    const batch = targetBatch(
      this.parity.examples,
      this.parity.examples.map((_, index) => index),
    );
    const step = { ...idleStep, lossWeight: 1 / (batch.targets ?? 0), correction1: 0.1, correction2: 0.001 };
    const readings = await this.train.run(batch, step, true);
    return { readings, gradients: await this.unscaledGradients() };
  }

  /** The same batch in two micro-batches; every labelled token keeps its share of the whole. */
  async accumulatedGradients(firstCount: number): Promise<Map<string, Float32Array>> {
    const { examples } = this.parity;
    const targets = examples.reduce((sum, example) => sum + targetCount(example), 0);
    const all = examples.map((_, index) => index);
    for (const [at, part] of [all.slice(0, firstCount), all.slice(firstCount)].entries()) {
      await this.train.run(targetBatch(examples, part), { ...idleStep, lossWeight: 1 / targets, accumulate: at > 0 }, false);
    }
    return this.unscaledGradients();
  }

  /** The fixture's training run in its own order. */
  async trajectory(): Promise<Trajectory> {
    const { hyper, order, sequences, prompt_lengths: prompts } = this.parity.trajectory;
    const examples = sequences.map((ids, index) => ({ ids, targetStart: prompts[index] ?? 0 }));
    for (const name of ['firstMoment', 'secondMoment'] as const)
      this.executor.writeState(name, new Float32Array(this.graphs.layout.size));
    const losses: number[] = [];
    const norms: number[] = [];
    let snapshot: Trajectory['snapshot'] = new Map();
    for (const [at, indices] of order.entries()) {
      const batch = targetBatch(examples, indices);
      const step: StepValues = {
        dropoutSeed: at,
        lossWeight: 1 / (batch.targets ?? 0),
        accumulate: false,
        learningRate: learningRateAt(at, 'linear', hyper.learning_rate, hyper.warmup_steps, hyper.steps),
        weightDecay: hyper.weight_decay,
        maxGradNorm: hyper.max_grad_norm,
        correction1: 1 - adam.beta1 ** (at + 1),
        correction2: 1 - adam.beta2 ** (at + 1),
      };
      const readings = await this.train.run(batch, step, true);
      losses.push(readings.get('loss')?.[0] ?? Number.NaN);
      norms.push(readings.get('gradNorm')?.[0] ?? Number.NaN);
      if (isSnapshotStep(at)) snapshot = await snapshotOf(this.executor, this.graphs.layout);
    }
    const parameters = this.graphs.layout.unpack(await this.executor.readState('parameters'));
    return { losses, norms, snapshot, parameters };
  }

  /** Scores of branches by one run that shares their beginnings, and by the logits of each whole text alone. */
  async branchScores(): Promise<{ shared: Float32Array; alone: number[] }> {
    const texts = branchedTexts(this.parity);
    const limits = { ...scoringCapacity(texts, 2), longestTokens: this.parity.window ?? 64 };
    const { model } = this.parity;
    const graph = buildScoringGraph(model, planOf(this.parity, 'float32'), this.graphs.layout, limits);
    const program = await this.executor.prepare(graph, limits);
    const shared = await new AnswerScorer(program, limits).scores(texts);
    program.dispose();
    const evaluate = await this.executor.prepare(this.graphs.evaluate, capacity);
    const alone: number[] = [];
    for (const { prefix, branches } of texts) {
      for (const branch of branches) {
        const ids = [...Array.from(prefix), ...Array.from(branch)];
        const batch = targetBatch([{ ids, targetStart: prefix.length }], [0]);
        const readings = await evaluate.run(batch, idleStep, false);
        alone.push(-(readings.get('loss')?.[0] ?? Number.NaN));
      }
    }
    evaluate.dispose();
    return { shared: shared ?? new Float32Array(), alone };
  }

  /** A generator with fewer places in the cache than there are prompts, which reads a few tokens at a time. */
  async withGenerator<T>(body: (generator: Generator) => Promise<T>): Promise<T> {
    const few = { tokens: 4, sequences: room.texts };
    this.executor.allocateCaches(this.generation.caches);
    const prefill = await this.executor.prepare(this.generation.prefill, few);
    const decode = await this.executor.prepare(this.generation.decode, { tokens: room.texts, sequences: room.texts });
    try {
      return await body(new Generator({ prefill, decode, capacity: few, room }));
    } finally {
      prefill.dispose();
      decode.dispose();
      this.executor.allocateCaches([]);
    }
  }

  /** The likeliest tokens after each of the fixture's prompts. */
  async greedyTokens(): Promise<number[][]> {
    const { generations } = this.parity.generation;
    const settings = { ...greedy, maxNewTokens: generations[0]?.new_tokens.length ?? 0, stopIds: [] };
    const prompts = generations.map(({ prompt }) => prompt);
    const texts = await this.withGenerator((generator) => generator.generate(prompts, settings));
    return texts.map(({ ids }) => ids);
  }

  private async unscaledGradients(): Promise<Map<string, Float32Array>> {
    const scale = this.graphs.fp16 ? ((await this.executor.readState('lossScale'))[0] ?? Number.NaN) : 1;
    const gradients = await this.executor.readState('gradients');
    return this.graphs.layout.unpack(gradients.map((gradient) => gradient / scale));
  }
}

/** Each sequence of the batch as a beginning, with three answers of one to four tokens, all within the model's window; one beginning is a single token. */
function branchedTexts({ examples, model, window }: LanguageModelCase): BranchedText[] {
  return examples.map(({ ids }, text) => ({
    prefix: ids.slice(0, text === 0 ? 1 : (window ?? 64) - 4),
    branches: [1, 4, 2].map((length, branch) =>
      Array.from({ length }, (_, at) => (31 * text + 17 * branch + 7 * at) % model.vocabularySize),
    ),
  }));
}

function planOf({ meta: { lora } }: LanguageModelCase, storage: WeightStorage): BodyPlan {
  return {
    lora: {
      r: lora.r,
      scaling: scalingOf({ r: lora.r, loraAlpha: lora.lora_alpha, useRslora: lora.use_rslora ?? false }),
      dropout: 0,
      dora: lora.use_dora ?? false,
      adapts: (module) => matchesTarget(module, lora.target_modules),
    },
    storage,
  };
}

/** The graphs with logits of so many entries at a time. */
function withChunks(graphs: LanguageModelGraphs, chunk: number): LanguageModelGraphs {
  const cut = (graph: Graph): Graph => ({
    ...graph,
    nodes: graph.nodes.map((node) => {
      if (!('chunk' in node.attributes)) return node;
      const scratch = (node.scratch ?? []).map((value): Value => ({ ...value, shape: [value.shape[0] ?? 0, chunk] }));
      return { ...node, attributes: { ...node.attributes, chunk }, scratch };
    }),
  });
  return { ...graphs, train: cut(graphs.train), evaluate: cut(graphs.evaluate) };
}
