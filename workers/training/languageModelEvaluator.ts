import { type TargetExample, targetCount } from '../data/collateTargets';
import type { Program } from '../engine/executor';
import { nextTask } from '../engine/nextTask';
import type { Counts } from '../engine/shape';
import { idleStep } from '../engine/step';
import { unwatched, type Watch } from '../evaluation/watch';
import { targetBatch, targetEvaluationBatches } from './targetExamples';

/** How well a model predicts the labelled tokens of a split. */
export interface TokenLoss {
  /** Mean over all labelled tokens of -log p. */
  loss: number;
  /** e to the loss. */
  perplexity: number;
  targets: number;
}

/** Runs the evaluation graph of a language model with whatever parameters the executor holds. */
export class LanguageModelEvaluator {
  private readonly program: Program;
  private readonly capacity: Required<Counts>;

  constructor(program: Program, capacity: Required<Counts>) {
    this.program = program;
    this.capacity = capacity;
  }

  /** Null where `watch` ended it early. */
  async loss(examples: readonly TargetExample[], watch: Watch = unwatched): Promise<TokenLoss | null> {
    const targets = examples.reduce((sum, example) => sum + targetCount(example), 0);
    if (targets === 0) throw new RangeError('There is no token to predict.');
    let sum = 0;
    for (const indices of targetEvaluationBatches(examples, this.capacity)) {
      if (!(await watch.proceed())) return null;
      const readings = await this.program.run(targetBatch(examples, indices), idleStep, false);
      sum += readings.get('loss')?.[0] ?? Number.NaN;
      watch.done(indices.length);
      await nextTask();
    }
    const loss = sum / targets;
    return { loss, perplexity: Math.exp(loss), targets };
  }
}
