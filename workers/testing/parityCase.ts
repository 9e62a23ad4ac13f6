import { savedTensors } from '../api/savedModules';
import { collate, collatePadded, type PackedBatch } from '../data/collate';
import type { Batch, Executor, Program, Readings } from '../engine/executor';
import type { Value, WeightStorage } from '../engine/graph';
import { initialLossScale, lossScaleStart } from '../engine/lossScale';
import { type StepValues, idleStep } from '../engine/step';
import { readSafetensors, type FloatTensor } from '../files/safetensorsData';
import { parseSafetensorsHeader } from '../files/safetensors';
import { scalingOf } from '../lora/config';
import { adaptedMatcher } from '../lora/targets';
import type { BaseModel } from '../models/architecture';
import { baseModelOf } from '../models/registry';
import { adam, buildClassifierGraphs, type ClassifierGraphs, type GraphOptions } from '../training/graphs';
import { learningRateAt } from '../training/schedule';
import { isSnapshotStep, snapshotOf, type Trajectory } from './trajectory';

interface TrajectoryFile {
  hyper: { learning_rate: number; weight_decay: number; warmup_steps: number; max_grad_norm: number; steps: number };
  pad_token_id: number;
  sequences: number[][];
  labels: number[];
  order: number[][];
  loss: number[];
  lr: number[];
  grad_norm: number[];
}

interface PoolingFile {
  input_ids: number[][];
  attention_mask: number[][];
  logits: number[][];
}

interface MetaFile {
  /** The case whose model this one adapts. */
  base_dir: string;
  pad_token_id: number;
  labels: number[];
  /** Tensors that Trainer decays; cases of modules_to_save have it. */
  decayed_keys?: string[];
  lora: {
    r: number;
    lora_alpha: number;
    use_rslora?: boolean;
    use_dora?: boolean;
    target_modules: string[];
    modules_to_save: string[];
  };
}

/** One folder of reference fixtures, written by PyTorch, transformers and PEFT. */
export interface ParityCase {
  name: string;
  meta: MetaFile;
  base: BaseModel;
  model: ReadonlyMap<string, FloatTensor>;
  adapter: ReadonlyMap<string, FloatTensor>;
  finalAdapter: ReadonlyMap<string, FloatTensor>;
  expected: ReadonlyMap<string, FloatTensor>;
  /** Of the trajectory: its states after some steps, and the logits at its end. */
  snapshots: ReadonlyMap<string, FloatTensor>;
  trajectory: TrajectoryFile;
  /** Absent where the case has a model of another. */
  pooling: PoolingFile | null;
  batch: PackedBatch;
}

/** `read` gives the bytes of a file of the case's folder. */
export async function loadParityCase(name: string, read: (file: string) => Promise<Uint8Array>): Promise<ParityCase> {
  const json = async <T>(file: string): Promise<T> => JSON.parse(new TextDecoder().decode(await read(file)));
  const tensors = async (file: string): Promise<ReadonlyMap<string, FloatTensor>> => readSafetensors(await read(file)).tensors;
  const meta = await json<MetaFile>('meta.json');
  const batch = integerTensors(await read('batch.safetensors'));
  const ofBase = meta.base_dir === name ? '' : `../${meta.base_dir}/`;
  return {
    name,
    meta,
    base: baseModelOf(await json(`${ofBase}config.json`)),
    model: await tensors(`${ofBase}model.safetensors`),
    adapter: await tensors('adapter/adapter_model.safetensors'),
    finalAdapter: await tensors('final_adapter/adapter_model.safetensors'),
    expected: await tensors('expected.safetensors'),
    snapshots: await tensors('trajectory.safetensors'),
    trajectory: await json('trajectory.json'),
    pooling: ofBase === '' ? await json('pooling.json') : null,
    batch: collatePadded(rowsOf(batch, 'input_ids'), rowsOf(batch, 'attention_mask'), meta.labels, meta.pad_token_id),
  };
}

/** The batch file holds int32, which models never do. */
function integerTensors(bytes: Uint8Array): Map<string, { shape: readonly number[]; values: Int32Array }> {
  const header = parseSafetensorsHeader(bytes, bytes.length);
  return new Map(
    header.tensors.map(({ name, shape, byteOffset, byteLength }) => [
      name,
      { shape, values: new Int32Array(bytes.slice(byteOffset, byteOffset + byteLength).buffer) },
    ]),
  );
}

function rowsOf(tensors: ReadonlyMap<string, { shape: readonly number[]; values: Int32Array }>, name: string): Int32Array[] {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`The batch has no ${name}.`);
  const [rows = 0, columns = 0] = tensor.shape;
  return Array.from({ length: rows }, (_, row) => tensor.values.subarray(row * columns, (row + 1) * columns));
}

export function engineBatch({ tokens, sequences, ...inputs }: PackedBatch): Batch {
  return { tokens, sequences, inputs };
}

/** The case on an executor: weights loaded as a checkpoint's are, the fixture's adapter as parameters. */
export class ParityRun {
  readonly graphs: ClassifierGraphs;
  private readonly parity: ParityCase;
  private readonly executor: Executor;
  private readonly train: Program;

  private constructor(parity: ParityCase, executor: Executor, graphs: ClassifierGraphs, train: Program) {
    this.parity = parity;
    this.executor = executor;
    this.graphs = graphs;
    this.train = train;
  }

  static async create(
    parity: ParityCase,
    executor: Executor,
    storage: WeightStorage,
    options: GraphOptions = {},
  ): Promise<ParityRun> {
    const { lora } = parity.meta;
    const modulesToSave = lora.modules_to_save;
    const settings = { r: lora.r, loraAlpha: lora.lora_alpha, useRslora: lora.use_rslora ?? false };
    const labelCount = parity.expected.get('logits')?.shape[1] ?? 0;
    const plan = {
      lora: {
        r: lora.r,
        scaling: scalingOf(settings),
        dropout: 0,
        dora: lora.use_dora ?? false,
        adapts: adaptedMatcher({ targetModules: lora.target_modules, modulesToSave }),
        saved: savedTensors(modulesToSave, parity.base.tensors),
      },
      labelCount,
      storage,
    };
    const graphs = buildClassifierGraphs(parity.base, plan, options);
    executor.allocateWeights(weightsOf(graphs));
    for (const [fileName, { shape, values }] of parity.model) {
      const tensor = parity.base.wantedTensor(fileName);
      if (tensor === null) continue;
      const [rows, rowLength] = shape.length === 1 ? [1, shape[0] ?? 0] : [shape[0] ?? 0, shape[1] ?? 0];
      executor.writeWeights({ tensor, rowOffset: 0, rows, rowLength, values });
    }
    await executor.finishWeights();
    executor.allocateParameters(graphs.layout.size);
    const train = await executor.prepare(graphs.train, { tokens: 128, sequences: 8 });
    const run = new ParityRun(parity, executor, graphs, train);
    run.reset();
    return run;
  }

  /** The fixture's adapter, and with fp16 this loss scale. */
  reset(lossScale = initialLossScale): void {
    this.load(this.parity.adapter, lossScale);
  }

  load(adapter: ParityCase['adapter'], lossScale = initialLossScale): void {
    const values = new Map([...adapter].map(([name, tensor]) => [name, tensor.values]));
    this.executor.writeState('parameters', this.graphs.layout.pack(values));
    if (this.graphs.fp16) this.executor.writeState('lossScale', lossScaleStart(lossScale));
  }

  /** Gradients of the loss itself, by tensor name. */
  private async unscaledGradients(): Promise<Map<string, Float32Array>> {
    const scale = this.graphs.fp16 ? ((await this.executor.readState('lossScale'))[0] ?? Number.NaN) : 1;
    const gradients = await this.executor.readState('gradients');
    return this.graphs.layout.unpack(gradients.map((gradient) => gradient / scale));
  }

  /** Forward and backward on the case's batch, no update: logits, loss, gradient norm and every gradient by tensor name. */
  async gradients(): Promise<{ readings: Readings; gradients: Map<string, Float32Array> }> {
    const batch = engineBatch(this.parity.batch);
    // A learning rate of 0 and no decay leave the parameters as they are; the update phase gives the norm.
    const step = { ...idleStep, lossWeight: 1 / batch.sequences, correction1: 0.1, correction2: 0.001 };
    const readings = await this.train.run(batch, step, true);
    return { readings, gradients: await this.unscaledGradients() };
  }

  /** The same batch in two micro-batches whose gradients add up; every text keeps its share of the whole. */
  async accumulatedGradients(firstCount: number): Promise<Map<string, Float32Array>> {
    const { sequences, segmentOffsets, inputIds, labels } = this.parity.batch;
    const texts = Array.from({ length: sequences }, (_, index) => ({
      inputIds: inputIds.subarray(segmentOffsets[index], segmentOffsets[index + 1]),
      label: labels[index] ?? 0,
    }));
    for (const [at, part] of [texts.slice(0, firstCount), texts.slice(firstCount)].entries()) {
      const step = { ...idleStep, lossWeight: 1 / sequences, accumulate: at > 0 };
      await this.train.run(engineBatch(collate(part, this.parity.meta.pad_token_id)), step, false);
    }
    return this.unscaledGradients();
  }

  /** Of the case's batch, `(sequences, labels)`. */
  async logits(): Promise<Float32Array> {
    const { readings } = await this.gradients();
    return readings.get('logits') ?? new Float32Array();
  }

  async poolingLogits(): Promise<Float32Array> {
    const { pooling } = this.parity;
    if (!pooling) throw new Error(`${this.parity.name} has no pooling.json.`);
    const { input_ids, attention_mask } = pooling;
    const packed = collatePadded(input_ids, attention_mask, new Int32Array(input_ids.length), this.parity.meta.pad_token_id);
    const readings = await this.train.run(engineBatch(packed), idleStep, false);
    return readings.get('logits') ?? new Float32Array();
  }

  /** The class that each of the trajectory's texts gets from the parameters as they are. */
  async predictions(): Promise<number[]> {
    const { sequences, labels, pad_token_id } = this.parity.trajectory;
    const classes: number[] = [];
    for (let at = 0; at < sequences.length; at += 4) {
      const texts = sequences.slice(at, at + 4).map((inputIds, index) => ({ inputIds, label: labels[at + index] ?? 0 }));
      const readings = await this.train.run(engineBatch(collate(texts, pad_token_id)), idleStep, false);
      const logits = [...(readings.get('logits') ?? [])];
      const width = logits.length / texts.length;
      classes.push(...texts.map((_, text) => highestOf(logits.slice(text * width, (text + 1) * width))));
    }
    return classes;
  }

  dispose(): void {
    this.train.dispose();
  }

  /** The fixture's training run, in its own order of texts. */
  async trajectory(): Promise<Trajectory> {
    const { order } = this.parity.trajectory;
    for (const name of ['firstMoment', 'secondMoment'] as const)
      this.executor.writeState(name, new Float32Array(this.graphs.layout.size));
    const losses: number[] = [];
    const norms: number[] = [];
    let snapshot: Trajectory['snapshot'] = new Map();
    for (const at of order.keys()) {
      const readings = await this.step(at);
      losses.push(readings.get('loss')?.[0] ?? Number.NaN);
      norms.push(readings.get('gradNorm')?.[0] ?? Number.NaN);
      if (isSnapshotStep(at)) snapshot = await snapshotOf(this.executor, this.graphs.layout);
    }
    const parameters = this.graphs.layout.unpack(await this.executor.readState('parameters'));
    return { losses, norms, snapshot, parameters };
  }

  /** One step of that run, from the states as they are. */
  async step(at: number): Promise<Readings> {
    const { hyper, order, sequences, labels, pad_token_id } = this.parity.trajectory;
    const texts = (order[at] ?? []).map((index) => ({ inputIds: sequences[index] ?? [], label: labels[index] ?? 0 }));
    const step: StepValues = {
      dropoutSeed: at,
      lossWeight: 1 / texts.length,
      accumulate: false,
      learningRate: learningRateAt(at, 'linear', hyper.learning_rate, hyper.warmup_steps, hyper.steps),
      weightDecay: hyper.weight_decay,
      maxGradNorm: hyper.max_grad_norm,
      correction1: 1 - adam.beta1 ** (at + 1),
      correction2: 1 - adam.beta2 ** (at + 1),
    };
    return this.train.run(engineBatch(collate(texts, pad_token_id)), step, true);
  }
}

function highestOf(logits: readonly number[]): number {
  return logits.indexOf(Math.max(...logits));
}

function weightsOf({ train }: ClassifierGraphs): Value[] {
  return [
    ...new Set(train.nodes.flatMap((node) => node.inputs.filter((input): input is Value => input?.role.kind === 'weight'))),
  ];
}

/** max|a - b| / max|b|; the contract's measure. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new Error(`There are ${actual.length} numbers, ${expected.length} were expected.`);
  let difference = 0;
  let largest = 0;
  for (let index = 0; index < expected.length; index++) {
    const gap = Math.abs((actual[index] ?? Number.NaN) - (expected[index] ?? Number.NaN));
    if (!(gap <= difference)) difference = gap;
    largest = Math.max(largest, Math.abs(expected[index] ?? 0));
  }
  return difference / largest;
}
