import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual } from '../engine/shape';
import type { RotaryGradientAttributes } from './attributes';
import { requirePositions } from './rotary';
import { rotaryGradientKernel } from './rotaryGradient.kernel';
import { firstInputs, optionalInput, sizes } from './shared/inputs';
import { copyColumns, rotaryTurns, rotate } from './shared/rotaryReference';
import { columnsTfjs, rotatedTfjs, turnsTfjs } from './shared/rotaryTfjs';

const name = 'rotaryGradient';

/**
 * dy (R, (heads + 2 kvHeads) headSize), positions (T), rows? (R) -> dq (R, heads headSize) where there are heads, then dk and dv
 * (R, kvHeads headSize) where there are kvHeads: `rotary` turned back and taken apart.
 */
export const rotaryGradient: OpDefinition<RotaryGradientAttributes> = {
  name,
  backward: null,
  kernel: rotaryGradientKernel,
  halves: { inputs: [0], outputs: [0, 1, 2], fits: (_, { frequencies }) => frequencies.length % 4 === 0 },

  inferShape(shapes, attributes) {
    const [dy] = firstInputs(shapes, 1, name);
    const [rows, width] = matrix(dy, 'rotaryGradient dy');
    const parts = partsOf(attributes);
    const wanted = parts.reduce((sum, part) => sum + part.width, 0);
    requireEqual(width, wanted, "The width of dy and that of the attributes' heads", [...shapes]);
    requirePositions(shapes.slice(1), rows, name);
    return parts.map((part) => [rows, part.width]);
  },

  reference(inputs, shapes, attributes) {
    const [dy, positions] = firstInputs(inputs, 2, name);
    const { frequencies } = attributes;
    const turns = rotaryTurns(positions, optionalInput(inputs, 2), frequencies);
    const headSize = 2 * frequencies.length;
    const [rows, stride] = sizes(shapes, 0);
    return partsOf(attributes).map(({ offset, width, rotates }) => {
      const values = new Float64Array(rows * width);
      const [from, to] = [
        { values: dy, stride, offset },
        { values, stride: width, offset: 0 },
      ];
      if (rotates) rotate(from, to, width / headSize, turns, headSize, -1);
      else copyColumns(from, to, rows, width);
      return values;
    });
  },

  tfjs(context, inputs, attributes) {
    const [dy] = firstInputs(inputs, 1, name);
    const turns = turnsTfjs(context, attributes.frequencies, optionalInput(inputs, 2) !== null);
    return partsOf(attributes).map(({ offset, width, rotates }) => {
      const own = columnsTfjs(context, dy, offset, width);
      return rotates ? rotatedTfjs(context, own, turns, -1) : own;
    });
  },
};

interface Part {
  /** Columns of dy. */
  offset: number;
  width: number;
  rotates: boolean;
}

/** q, k and v, those that are there. */
export function partsOf({ frequencies, heads, kvHeads }: RotaryGradientAttributes): Part[] {
  const [q, k] = [heads, kvHeads].map((count) => count * 2 * frequencies.length);
  if (q === undefined || k === undefined) return [];
  const queries = { offset: 0, width: q, rotates: true };
  const rest = [
    { offset: q, width: k, rotates: true },
    { offset: q + k, width: k, rotates: false },
  ];
  return [...(heads > 0 ? [queries] : []), ...(kvHeads > 0 ? rest : [])];
}
