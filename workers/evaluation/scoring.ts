import { branchedCounts, collateBranches, type BranchedText } from '../data/collateBranches';
import type { Program } from '../engine/executor';
import { nextTask } from '../engine/nextTask';
import type { Counts } from '../engine/shape';
import { idleStep } from '../engine/step';
import { unwatched, type Watch } from './watch';

/**
 * Scores what may follow a text by its log-likelihood: the sum, not the mean, of its tokens' log-probabilities. What several answers
 * share is computed once.
 */
export class AnswerScorer {
  private readonly program: Program;
  private readonly capacity: Required<Counts>;
  private readonly tokensAtOnce: number;

  /**
   * `program` is of a graph with branches, whose output `statistics` has each target's log-sum-exp and logit. A batch has at most
   * `tokensAtOnce`, or one text of more.
   */
  constructor(program: Program, capacity: Required<Counts>, tokensAtOnce: number = capacity.tokens) {
    this.program = program;
    this.capacity = capacity;
    this.tokensAtOnce = Math.min(tokensAtOnce, capacity.tokens);
  }

  /**
   * Scores `(texts, answers)` in the order of the texts, each of which has as many answers. A softmax of a row gives the probabilities
   * of the answers among themselves. Null where `watch` ended it early. Throws a RangeError where a text alone is more than a batch
   * holds.
   */
  async scores(texts: readonly BranchedText[], watch: Watch = unwatched): Promise<Float32Array | null> {
    const answers = texts[0]?.branches.length ?? 0;
    const scores = new Float32Array(texts.length * answers);
    for (const indices of this.batches(texts)) {
      if (!(await watch.proceed())) return null;
      const chosen = indices.map((index) => texts[index]!);
      const { tokens, sequences, targets, ...inputs } = collateBranches(chosen);
      const readings = await this.program.run({ tokens, sequences, targets, inputs }, idleStep, false);
      const statistics = readings.get('statistics');
      if (!statistics) throw new Error('The scoring graph gave no statistics.');
      let target = 0;
      chosen.forEach(({ branches }, at) => {
        if (branches.length !== answers) throw new RangeError(`A text has ${branches.length} answers, another ${answers}.`);
        branches.forEach((branch, answer) => {
          let sum = 0;
          for (const last = target + branch.length; target < last; target++) {
            sum += statistics[2 * target + 1]! - statistics[2 * target]!;
          }
          scores[indices[at]! * answers + answer] = sum;
        });
      });
      watch.done(indices.length);
      await nextTask();
    }
    return scores;
  }

  /** Texts of like length together, each batch within the capacity. */
  private batches(texts: readonly BranchedText[]): number[][] {
    const counts = texts.map(branchedCounts);
    const order = counts.map((_, index) => index).sort((a, b) => counts[a]!.tokens - counts[b]!.tokens || a - b);
    const batches: number[][] = [];
    let used = { tokens: 0, targets: 0 };
    for (const index of order) {
      const { tokens, targets } = counts[index]!;
      if (tokens > this.capacity.tokens || targets > this.capacity.targets) {
        throw new RangeError(
          `Text ${index} takes ${tokens} tokens with ${targets} targets; a batch has room for ${this.capacity.tokens} with ${this.capacity.targets}.`,
        );
      }
      const batch = batches.at(-1);
      const fits = used.tokens + tokens <= this.tokensAtOnce && used.targets + targets <= this.capacity.targets;
      if (batch && batch.length < this.capacity.sequences && fits) {
        batch.push(index);
        used = { tokens: used.tokens + tokens, targets: used.targets + targets };
      } else {
        batches.push([index]);
        used = { tokens, targets };
      }
    }
    return batches;
  }
}

/** The most that any batch of so many texts has. */
export function scoringCapacity(texts: readonly BranchedText[], sequences: number): Required<Counts> {
  const counts = texts.map(branchedCounts);
  const most = (name: 'tokens' | 'targets'): number =>
    counts
      .map((count) => count[name])
      .sort((a, b) => b - a)
      .slice(0, sequences)
      .reduce((sum, count) => sum + count, 0);
  return {
    tokens: Math.max(1, most('tokens')),
    sequences: Math.min(sequences, texts.length),
    targets: Math.max(1, most('targets')),
  };
}
