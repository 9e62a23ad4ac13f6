import type { Graph, Value } from '../../../workers/engine/graph';
import { resolveDim, type Counts } from '../../../workers/engine/shape';
import type { Workload } from './workload';

/** Matrix products of the attention kernels, for each visible pair and channel: scores and values; in backward the scores
 * and the values' gradient twice, because queries and keys are each a kernel, and one each for dq, dk and dv. */
const attentionForward = 2;
const attentionBackward = 7;

/** What attention's gradient needs at least: scores once more, the probabilities' gradient, dq, dk, dv. */
const leastBackward = 5;

/**
 * Multiply-adds of the matrix products that the graph's nodes do on texts of these lengths. Elementwise work, norms and
 * the optimizer are not counted, here as in the minimum.
 */
export function executedMultiplyAdds(graph: Graph, lengths: readonly number[]): number {
  const counts = { tokens: sum(lengths), sequences: lengths.length };
  return sum(
    graph.nodes.map(({ op, inputs, outputs, attributes }) => {
      const window = typeof attributes['window'] === 'number' ? attributes['window'] : Infinity;
      const pairs = causalPairs(lengths, window);
      const pooledPairs = sum(lengths.map((length) => Math.min(length, window)));
      const [a, b] = inputs.map((input) => (input ? matrixOf(input, counts) : null));
      const y = outputs[0] ? matrixOf(outputs[0], counts) : null;
      if (!a || !y) return 0;
      switch (op) {
        case 'linear':
          return y.rows * y.columns * (a.columns + (inputs[3] ? matrixOf(inputs[3], counts).columns : 0));
        case 'project':
        case 'expand':
          return a.rows * a.columns * y.columns;
        case 'weightGradient':
          return a.rows * a.columns * (b?.columns ?? 0);
        case 'attention':
          return attentionForward * pairs * y.columns;
        case 'attentionGradient':
          return attentionBackward * pairs * a.columns;
        case 'pooledAttention':
          return attentionForward * pooledPairs * y.columns;
        case 'pooledAttentionGradient':
          return attentionBackward * pooledPairs * a.columns;
        default:
          return 0;
      }
    }),
  );
}

/**
 * The least that a step needs: each frozen matrix once forward for every row that uses it, once backward where an input's
 * gradient is wanted (not in the lowest adapted layer, nothing below it; the last block on pooled tokens alone, its keys
 * and values on all), visible pairs alone in attention, and the adapter's own products.
 */
export function minimumMultiplyAdds(workload: Workload, lengths: readonly number[]): number {
  const { layers, width, r, targets, labels } = workload;
  const tokens = sum(lengths);
  const texts = lengths.length;
  const has = (name: string): boolean => targets.includes(name);
  const head = 3 * texts * width * labels;
  let total = head;
  for (let layer = 0; layer < layers; layer++) {
    const isLast = layer === layers - 1;
    const rows = isLast ? texts : tokens;
    const pairs = isLast ? tokens : causalPairs(lengths);
    // c_attn: queries for these rows, keys and values for every token; the lowest one's input needs no gradient.
    const attn = rows * width * width + tokens * width * 2 * width;
    total += attn + (layer === 0 ? 0 : attn);
    total += 2 * rows * (width * width + 2 * width * 4 * width);
    total += (2 + leastBackward) * pairs * width;
    if (has('c_attn')) {
      const up = r * (rows * width + tokens * 2 * width);
      const down = tokens * width * r;
      total += 3 * up + (layer === 0 ? 2 : 3) * down;
    }
    if (has('c_proj')) total += 3 * rows * r * (width + width + 4 * width + width);
    if (has('c_fc')) total += 3 * rows * r * (width + 4 * width);
  }
  return total;
}

/** Keys that the queries of causal texts see, in all. */
function causalPairs(lengths: readonly number[], window = Infinity): number {
  return sum(
    lengths.map((length) => {
      const whole = Math.min(length, window);
      return (whole * (whole + 1)) / 2 + (length - whole) * Math.min(length, window);
    }),
  );
}

function matrixOf({ shape }: Value, counts: Counts): { rows: number; columns: number } {
  const [rows = 1, columns = 1] = shape.map((dim) => resolveDim(dim, counts));
  return { rows, columns };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
