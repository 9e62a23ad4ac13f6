import type { OpDefinition } from '../engine/op';
import { matrix } from '../engine/shape';
import type { DropAttributes } from './attributes';
import { dropKernel } from './drop.kernel';
import { firstInputs, sizes } from './shared/inputs';
import { dropped } from './shared/matmulReference';
import { dropped as droppedTfjs } from './shared/tfjsMatmul';

const name = 'drop';

/** x (R, C) -> drop(x), or what that takes away, x - drop(x): (R, C). */
export const drop: OpDefinition<DropAttributes> = {
  name,
  kernel: dropKernel,
  halves: { inputs: [0], outputs: [0] },

  inferShape(shapes) {
    const [x] = firstInputs(shapes, 1, name);
    matrix(x, 'drop x');
    return [x];
  },

  backward({ graph, attributes, gradients: [dy] }) {
    return [dy ? graph.one(name, [dy], attributes) : null];
  },

  reference(inputs, shapes, { complement, ...mask }, { step }) {
    const [x] = firstInputs(inputs, 1, name);
    const kept = dropped(x, ...sizes(shapes, 0), mask, step);
    return [x.map((value, index) => (complement ? value - kept[index]! : kept[index]!))];
  },

  tfjs(context, inputs, { complement, ...mask }) {
    const [x] = firstInputs(inputs, 1, name);
    const kept = droppedTfjs(context, x, mask);
    return [complement ? context.tf.sub(x, kept) : context.tf.clone(kept)];
  },
};
