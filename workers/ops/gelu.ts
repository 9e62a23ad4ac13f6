import type { OpDefinition } from '../engine/op';
import { matrix } from '../engine/shape';
import type { NoAttributes } from './attributes';
import { geluKernel } from './gelu.kernel';
import { geluNew } from './shared/geluReference';
import { geluTfjs } from './shared/geluTfjs';
import { firstInputs } from './shared/inputs';

const name = 'gelu';

/** gelu_new (the tanh form), x (R, C) -> (R, C). */
export const gelu: OpDefinition<NoAttributes> = {
  name,
  kernel: geluKernel,
  halves: { inputs: [0], outputs: [0] },

  inferShape(shapes) {
    const [x] = firstInputs(shapes, 1, name);
    matrix(x, 'gelu x');
    return [x];
  },

  backward({ graph, node, gradients: [dy] }) {
    return [dy ? graph.one('geluGradient', [dy, ...node.inputs]) : null];
  },

  reference(inputs) {
    const [x] = firstInputs(inputs, 1, name);
    return [x.map(geluNew)];
  },

  tfjs(context, inputs) {
    const [x] = firstInputs(inputs, 1, name);
    return [geluTfjs(context, x)];
  },
};
