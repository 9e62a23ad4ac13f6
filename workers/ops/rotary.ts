import type * as tf from '@tensorflow/tfjs-core';
import type { OpDefinition, TfjsContext } from '../engine/op';
import { matrix, requireEqual, ShapeError, type Shape } from '../engine/shape';
import type { RotaryAttributes } from './attributes';
import { rotaryKernel } from './rotary.kernel';
import { firstInputs, optionalInput, requireHeads, vector } from './shared/inputs';
import { copyColumns, rotaryTurns, rotate } from './shared/rotaryReference';
import { joinedTfjs, rotatedTfjs, turnsTfjs } from './shared/rotaryTfjs';

const name = 'rotary';

/**
 * q? (R, heads headSize), k? and v? (R, kvHeads headSize), positions (T), rows? (R) -> those that are there side by side, each
 * head of q and k rotated: pair (i, i + headSize / 2) by position * frequencies[i]. With `rows`, row i has the position of token
 * rows[i]; else R is T. Su et al. 2021, "RoFormer", in transformers' rotate_half layout.
 */
export const rotary: OpDefinition<RotaryAttributes> = {
  name,
  kernel: rotaryKernel,
  halves: { inputs: [0, 1, 2], outputs: [0], fits: (_, { frequencies }) => frequencies.length % 4 === 0 },

  inferShape(shapes, { frequencies }) {
    const parts = presentParts(shapes);
    const [first] = parts;
    if (!first) throw new ShapeError('rotary needs q, or k and v, or all three.');
    const [rows] = matrix(first.part, 'rotary q, k and v');
    let columns = 0;
    for (const { part } of parts) {
      const [partRows, width] = matrix(part, 'rotary q, k and v');
      requireEqual(rows, partRows, 'The rows of q, k and v', [...shapes]);
      requireHeads(width, width / (2 * frequencies.length), name);
      columns += width;
    }
    const [k, v] = [optionalInput(shapes, 1), optionalInput(shapes, 2)];
    if (k || v) requireEqual(k?.[1], v?.[1], 'The widths of k and v', [...shapes]);
    requirePositions(shapes.slice(3), rows, name);
    return [[rows, columns]];
  },

  backward({ graph, node, attributes: { frequencies }, gradients: [dy] }) {
    if (!dy) return [];
    const widthOf = (index: number): number => Number(node.inputs[index]?.shape[1] ?? 0);
    const [heads, kvHeads] = [0, 1].map((index) => widthOf(index) / (2 * frequencies.length));
    const made = graph.add('rotaryGradient', [dy, ...node.inputs.slice(3)], { frequencies, heads, kvHeads });
    const [dk, dv] = made.slice(-2);
    return [heads ? (made[0] ?? null) : null, ...(kvHeads ? [dk ?? null, dv ?? null] : [])];
  },

  reference(inputs, shapes, { frequencies }) {
    const [positions] = firstInputs(inputs.slice(3), 1, name);
    const turns = rotaryTurns(positions, optionalInput(inputs, 4), frequencies);
    const headSize = 2 * frequencies.length;
    const rows = turns.length / headSize;
    const stride = [0, 1, 2].reduce((sum, index) => sum + (shapes[index]?.[1] ?? 0), 0);
    const out = new Float64Array(rows * stride);
    let offset = 0;
    for (const { part: values, rotates } of presentParts(inputs)) {
      const width = values.length / rows;
      const [from, to] = [
        { values, stride: width, offset: 0 },
        { values: out, stride, offset },
      ];
      if (rotates) rotate(from, to, width / headSize, turns, headSize, 1);
      else copyColumns(from, to, rows, width);
      offset += width;
    }
    return [out];
  },

  tfjs(context, inputs, { frequencies }) {
    const turns = turnsTfjs(context, frequencies, optionalInput(inputs, 4) !== null);
    return [packed(context, presentParts(inputs), turns)];
  },
};

function packed(context: TfjsContext, parts: Part<tf.Tensor>[], turns: tf.Tensor): tf.Tensor {
  return joinedTfjs(
    context,
    parts.map(({ part, rotates }) => (rotates ? rotatedTfjs(context, part, turns, 1) : part)),
  );
}

interface Part<T> {
  part: T;
  rotates: boolean;
}

/** Which of q, k and v are there; v is not rotated. */
function presentParts<T>(inputs: readonly (T | null)[]): Part<T>[] {
  return [0, 1, 2].flatMap((index) => {
    const part = optionalInput(inputs, index);
    return part === null ? [] : [{ part, rotates: index < 2 }];
  });
}

/** positions (T), rows? (R): throws a ShapeError where they do not give each of `rows` rows a position. */
export function requirePositions(shapes: readonly (Shape | null)[], rows: Shape[number], op: string): void {
  const [positions] = firstInputs(shapes, 1, op);
  const length = vector(positions, `${op} positions`);
  const chosen = optionalInput(shapes, 1);
  const count = chosen ? vector(chosen, `${op} rows`) : length;
  requireEqual(rows, count, `The rows of ${op}'s matrix and of its positions`, [...shapes]);
}
