import type { Batch } from '../engine/executor';
import type { Counts } from '../engine/shape';
import { batchesOf, epochOrder } from '../data/batches';
import { collate } from '../data/collate';

/** One split, tokenised and truncated: `ids[i]` are the tokens of text i, `labels[i]` its class. */
export interface EncodedExamples {
  ids: readonly Int32Array[];
  labels: Int32Array;
}

/** What is trained on: examples by number, packed into batches. */
export interface BatchSource {
  count: number;
  pack(indices: ArrayLike<number>): Batch;
  /** Tokens that the model reads of these examples. */
  tokens(indices: ArrayLike<number>): number;
  /** What they weigh in the loss: one for each thing predicted (a classifier predicts one a text), or that class's weight. */
  lossShare(indices: ArrayLike<number>): number;
}

/** Texts with a class each; `weights`: of each class, for graphs that were built with class weights. */
export function classifiedSource(
  examples: EncodedExamples,
  padTokenId: number,
  weights: Float32Array | null = null,
): BatchSource {
  const weightOf = (index: number): number => weights?.[examples.labels[index] ?? 0] ?? 1;
  return {
    count: examples.ids.length,
    pack: (indices) => {
      const batch = packedBatch(examples, indices, padTokenId);
      return weights ? withTargetWeights(batch, Float32Array.from(indices, weightOf)) : batch;
    },
    tokens: (indices) => tokenCount(examples, indices),
    lossShare: (indices) => Array.from(indices, weightOf).reduce((sum, weight) => sum + weight, 0),
  };
}

/** The batch as a graph with class weights takes it: inputs are integers, so the weights travel as their bits. */
export function withTargetWeights(batch: Batch, weights: Float32Array): Batch {
  return { ...batch, inputs: { ...batch.inputs, targetWeights: new Int32Array(weights.buffer) } };
}

/** The texts at these indices, packed end to end. */
export function packedBatch(examples: EncodedExamples, indices: ArrayLike<number>, padTokenId: number): Batch {
  const chosen = Array.from(indices, (index) => ({
    inputIds: examples.ids[index] ?? new Int32Array(),
    label: examples.labels[index] ?? 0,
  }));
  const { tokens, sequences, ...inputs } = collate(chosen, padTokenId);
  return { tokens, sequences, inputs };
}

/** The micro-batches of one epoch, in Trainer's manner: a new seeded order each epoch, the last partial batch kept. */
export function epochBatches(count: number, batchSize: number, seed: number, epoch: number): ArrayLike<number>[] {
  return batchesOf(epochOrder(count, seed, epoch), batchSize);
}

/** Micro-batches of one optimizer step after another over all epochs, from the one after `done` steps on. */
export function* stepBatches(
  count: number,
  batchSize: number,
  accumulated: number,
  seed: number,
  done: number,
): Generator<ArrayLike<number>[], undefined> {
  const stepsPerEpoch = Math.ceil(Math.ceil(count / batchSize) / accumulated);
  let skipped = done % stepsPerEpoch;
  for (let epoch = Math.floor(done / stepsPerEpoch); ; epoch++) {
    const micro = epochBatches(count, batchSize, seed, epoch);
    for (let at = skipped * accumulated; at < micro.length; at += accumulated) yield micro.slice(at, at + accumulated);
    skipped = 0;
  }
}

/** Texts in all epochs up to which every micro-batch is looked at; beyond, the longest texts stand for the worst one. */
const mostTextsCounted = 2_000_000;

/** The most tokens and sequences any micro-batch of the run can have. */
export function trainingCapacity(examples: EncodedExamples, batchSize: number, seed: number, epochs: number): Counts {
  const sequences = Math.min(batchSize, examples.ids.length);
  if (epochs * examples.ids.length > mostTextsCounted) return { tokens: tokensOfLongest(examples, sequences), sequences };
  let tokens = 1;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const indices of epochBatches(examples.ids.length, batchSize, seed, epoch))
      tokens = Math.max(tokens, tokenCount(examples, indices));
  }
  return { tokens, sequences };
}

function tokensOfLongest(examples: EncodedExamples, count: number): number {
  const lengths = Int32Array.from(examples.ids, (ids) => Math.max(1, ids.length)).sort();
  return lengths.subarray(lengths.length - count).reduce((sum, length) => sum + length, 0);
}

export function tokenCount(examples: EncodedExamples, indices: ArrayLike<number>): number {
  let tokens = 0;
  for (let at = 0; at < indices.length; at++) tokens += Math.max(1, examples.ids[indices[at] ?? 0]?.length ?? 0);
  return tokens;
}

/** Batches for evaluation: texts of like length together, each batch within the capacity. Every index occurs once. */
export function evaluationBatches(examples: EncodedExamples, capacity: Counts): number[][] {
  const length = (index: number): number => Math.max(1, examples.ids[index]?.length ?? 0);
  const order = Array.from(examples.ids, (_, index) => index).sort((a, b) => length(a) - length(b) || a - b);
  const batches: number[][] = [];
  let tokens = 0;
  for (const index of order) {
    const batch = batches.at(-1);
    if (batch && batch.length < capacity.sequences && tokens + length(index) <= capacity.tokens) {
      batch.push(index);
      tokens += length(index);
    } else {
      batches.push([index]);
      tokens = length(index);
    }
  }
  return batches;
}
