import { collateTargets, inputCount, targetCount, type TargetExample } from '../data/collateTargets';
import type { Batch } from '../engine/executor';
import type { Counts } from '../engine/shape';
import { epochBatches, type BatchSource } from './examples';

/** The examples at these indices, packed end to end. */
export function targetBatch(examples: readonly TargetExample[], indices: ArrayLike<number>): Batch {
  const { tokens, sequences, targets, ...inputs } = collateTargets(Array.from(indices, (index) => exampleAt(examples, index)));
  return { tokens, sequences, targets, inputs };
}

/** Examples of which some tokens are predicted. */
export function targetSource(examples: readonly TargetExample[]): BatchSource {
  return {
    count: examples.length,
    pack: (indices) => targetBatch(examples, indices),
    tokens: (indices) => sumOver(examples, indices, inputCount),
    lossShare: (indices) => sumOver(examples, indices, targetCount),
  };
}

/** The most that any micro-batch of a run can have. */
export function targetCapacity(
  examples: readonly TargetExample[],
  batchSize: number,
  seed: number,
  epochs: number,
): Required<Counts> {
  const capacity = { tokens: 1, sequences: Math.min(batchSize, examples.length), targets: 1 };
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const indices of epochBatches(examples.length, batchSize, seed, epoch)) {
      capacity.tokens = Math.max(capacity.tokens, sumOver(examples, indices, inputCount));
      capacity.targets = Math.max(capacity.targets, sumOver(examples, indices, targetCount));
    }
  }
  return capacity;
}

/** Batches for evaluation: examples of like length together, each batch within the capacity. Every index occurs once. */
export function targetEvaluationBatches(examples: readonly TargetExample[], capacity: Required<Counts>): number[][] {
  const order = Array.from(examples, (_, index) => index).sort(
    (a, b) => inputCount(exampleAt(examples, a)) - inputCount(exampleAt(examples, b)) || a - b,
  );
  const batches: number[][] = [];
  let used = { tokens: 0, targets: 0 };
  for (const index of order) {
    const [tokens, targets] = [inputCount(exampleAt(examples, index)), targetCount(exampleAt(examples, index))];
    const batch = batches.at(-1);
    const fits = used.tokens + tokens <= capacity.tokens && used.targets + targets <= capacity.targets;
    if (batch && batch.length < capacity.sequences && fits) {
      batch.push(index);
      used = { tokens: used.tokens + tokens, targets: used.targets + targets };
    } else {
      batches.push([index]);
      used = { tokens, targets };
    }
  }
  return batches;
}

function sumOver(
  examples: readonly TargetExample[],
  indices: ArrayLike<number>,
  count: (example: TargetExample) => number,
): number {
  return Array.from(indices).reduce((sum, index) => sum + count(exampleAt(examples, index)), 0);
}

function exampleAt(examples: readonly TargetExample[], index: number): TargetExample {
  const example = examples[index];
  if (!example) throw new RangeError(`There is no example ${index}; there are ${examples.length}.`);
  return example;
}
