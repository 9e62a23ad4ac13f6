import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual } from '../engine/shape';
import type { NoAttributes } from './attributes';
import { geluGradientKernel } from './geluGradient.kernel';
import { geluNewDerivative } from './shared/geluReference';
import { geluGradientTfjs } from './shared/geluTfjs';
import { firstInputs } from './shared/inputs';

const name = 'geluGradient';

/** dy (R, C), x (R, C) -> dy gelu_new'(x) (R, C). */
export const geluGradient: OpDefinition<NoAttributes> = {
  name,
  backward: null,
  kernel: geluGradientKernel,
  halves: { inputs: [0, 1], outputs: [0] },

  inferShape(shapes) {
    const [dy, x] = firstInputs(shapes, 2, name);
    const [rows, width] = matrix(x, 'geluGradient x');
    const [gradientRows, gradientWidth] = matrix(dy, 'geluGradient dy');
    requireEqual(rows, gradientRows, 'The rows of x and dy', [...shapes]);
    requireEqual(width, gradientWidth, 'The widths of x and dy', [...shapes]);
    return [x];
  },

  reference(inputs) {
    const [dy, x] = firstInputs(inputs, 2, name);
    return [dy.map((gradient, index) => gradient * geluNewDerivative(x[index]!))];
  },

  tfjs(context, inputs) {
    const [dy, x] = firstInputs(inputs, 2, name);
    return [geluGradientTfjs(context, dy, x)];
  },
};
