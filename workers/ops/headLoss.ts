import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual, ShapeError, type Dim, type Shape } from '../engine/shape';
import type { HeadLossAttributes } from './attributes';
import { headLossKernel } from './headLoss.kernel';
import { gatherTfjs } from './shared/gatherTfjs';
import { targetParts } from './shared/headTfjs';
import { firstInputs, requireFrozen, sizes, vector } from './shared/inputs';
import { multiply } from './shared/matmulReference';
import { matmulChoices } from './shared/matmul/variants';

const name = 'headLoss';

/**
 * hidden (R, C), head (V, C), labels (R) -> loss (1), statistics (R, 2): the sum over rows of lossWeight * -log softmax(hidden
 * head^T)[label], and each row's log-sum-exp and its label's logit. The logits exist for `chunk` entries of the vocabulary at a
 * time only. The head is frozen.
 */
export const headLoss: OpDefinition<HeadLossAttributes> = {
  name,
  kernel: headLossKernel,
  choices: matmulChoices,
  halves: { inputs: [0], outputs: [] },

  inferShape(shapes, attributes) {
    const [rows] = requireHead(shapes, attributes, name);
    return [[1], [rows, 2]];
  },

  scratch: (shapes, attributes) => headScratch(shapes, attributes, name),

  backward({ graph, node, attributes, needs }) {
    requireFrozen(needs, [1], name);
    const [hidden, head, labels] = firstInputs(node.inputs, 3, name);
    const [, statistics] = node.outputs;
    return [statistics ? graph.one('headLossGradient', [hidden, head, labels, statistics], attributes) : null];
  },

  reference(inputs, shapes, _, { step }) {
    const [hidden, head, labels] = firstInputs(inputs, 3, name);
    const [rows, width] = sizes(shapes, 0);
    const [entries] = sizes(shapes, 1);
    const statistics = new Float64Array(2 * rows);
    let loss = 0;
    for (let row = 0; row < rows; row++) {
      const logits = logitsOf(hidden, head, row, width, entries);
      const highest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
      const logSum = highest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0));
      statistics.set([logSum, logits[labels[row]!]!], 2 * row);
      loss += step.lossWeight * (logSum - logits[labels[row]!]!);
    }
    return [Float64Array.of(loss), statistics];
  },

  tfjs(context, inputs) {
    const { tf, step } = context;
    const [hidden, head, labels] = firstInputs(inputs, 3, name);
    const logSums = targetParts(context, hidden, head, ({ logits }) => [tf.logSumExp(logits, 1)]);
    const chosen = tf.sum(tf.mul(hidden, gatherTfjs(context, head, labels)), 1);
    const logSum = tf.concat(logSums);
    const loss = tf.mul(tf.sum(tf.sub(logSum, chosen)), step.lossWeight);
    return [tf.reshape(loss, [1]), tf.stack([logSum, chosen], 1)];
  },
};

/** A row's logits. */
export function logitsOf(hidden: Float64Array, head: Float64Array, row: number, width: number, entries: number): Float64Array {
  const own = hidden.subarray(row * width, (row + 1) * width);
  return multiply(own, head, 1, width, entries, true);
}

/** Rows and width of hidden; throws a ShapeError where hidden, head, labels and chunk do not go together. */
export function requireHead(
  shapes: readonly (Shape | null)[],
  { chunk }: HeadLossAttributes,
  op: string,
): readonly [Dim, number] {
  const [hidden, head, labels] = firstInputs(shapes, 3, op);
  const [rows, width] = matrix(hidden, `${op} hidden`);
  const [entries, headWidth] = matrix(head, `${op} head`);
  if (typeof entries !== 'number') throw new ShapeError(`${op} head must have a fixed number of rows, not ${entries}.`);
  requireEqual(width, headWidth, 'The widths of hidden and head', [...shapes]);
  requireEqual(rows, vector(labels, `${op} labels`), 'The rows of hidden and the length of labels', [...shapes]);
  if (!Number.isInteger(chunk) || chunk < 8 || chunk % 8 !== 0) {
    throw new ShapeError(`${op} was given chunks of ${chunk} entries; a chunk must divide by eight.`);
  }
  return [rows, width];
}

/** The logits of one chunk. */
export function headScratch(shapes: readonly (Shape | null)[], attributes: HeadLossAttributes, op: string): Shape[] {
  const [rows] = requireHead(shapes, attributes, op);
  const [, head] = firstInputs(shapes, 2, op);
  const entries = Number(head[0]);
  return [[rows, Math.min(attributes.chunk, Math.ceil(entries / 8) * 8)]];
}
