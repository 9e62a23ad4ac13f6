import type { Program } from '../engine/executor';
import { nextTask } from '../engine/nextTask';
import type { Counts } from '../engine/shape';
import { idleStep } from '../engine/step';
import { unwatched, type Watch } from '../evaluation/watch';
import { evaluationBatches, packedBatch, type EncodedExamples } from './examples';

/** Runs the evaluation graph over a split with whatever parameters the executor holds. */
export class Evaluator {
  private readonly program: Program;
  private readonly capacity: Counts;
  private readonly labelCount: number;
  private readonly padTokenId: number;

  constructor(program: Program, capacity: Counts, labelCount: number, padTokenId: number) {
    this.program = program;
    this.capacity = capacity;
    this.labelCount = labelCount;
    this.padTokenId = padTokenId;
  }

  /** Logits `(texts, labels)` in the split's order. Null where `watch` ended it early. */
  async logits(examples: EncodedExamples, watch: Watch = unwatched): Promise<Float32Array | null> {
    const all = new Float32Array(examples.ids.length * this.labelCount);
    const waiting: Promise<void>[] = [];
    for (const indices of evaluationBatches(examples, this.capacity)) {
      if (!(await watch.proceed())) {
        await Promise.all(waiting);
        return null;
      }
      const batch = packedBatch(examples, indices, this.padTokenId);
      const placed = this.program.run(batch, idleStep, false).then((readings) => {
        this.place(all, indices, readings.get('logits'));
        watch.done(indices.length);
      });
      // Where the device is lost, the batch before tells.
      placed.catch(() => {});
      waiting.push(placed);
      if (waiting.length >= 2) await waiting.shift();
      await nextTask();
    }
    await Promise.all(waiting);
    return all;
  }

  private place(all: Float32Array, indices: readonly number[], logits: Float32Array | undefined): void {
    if (!logits) throw new Error('The evaluation graph gave no logits.');
    indices.forEach((index, row) =>
      all.set(logits.subarray(row * this.labelCount, (row + 1) * this.labelCount), index * this.labelCount),
    );
  }
}
