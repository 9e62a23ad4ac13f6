import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual } from '../engine/shape';
import type { NoAttributes } from './attributes';
import { embeddingKernel } from './embedding.kernel';
import { gatherTfjs } from './shared/gatherTfjs';
import { firstInputs, sizes, vector } from './shared/inputs';

const name = 'embedding';

/** Token plus position embedding: inputIds (R), positions (R), wte (V, C), wpe (P, C) -> (R, C). */
export const embedding: OpDefinition<NoAttributes> = {
  name,
  backward: null,
  kernel: embeddingKernel,

  inferShape(shapes) {
    const [ids, positions, wte, wpe] = firstInputs(shapes, 4, name);
    const rows = vector(ids, 'embedding inputIds');
    requireEqual(rows, vector(positions, 'embedding positions'), 'The rows of inputIds and positions', [...shapes]);
    const [, width] = matrix(wte, 'embedding wte');
    requireEqual(width, matrix(wpe, 'embedding wpe')[1], 'The widths of wte and wpe', [...shapes]);
    return [[rows, width]];
  },

  reference(inputs, shapes) {
    const [ids, positions, wte, wpe] = firstInputs(inputs, 4, name);
    const [, width] = sizes(shapes, 2);
    const out = new Float64Array(ids.length * width);
    for (let row = 0; row < ids.length; row++) {
      for (let column = 0; column < width; column++) {
        out[row * width + column] = wte[ids[row]! * width + column]! + wpe[positions[row]! * width + column]!;
      }
    }
    return [out];
  },

  tfjs(context, inputs) {
    const [ids, positions, wte, wpe] = firstInputs(inputs, 4, name);
    return [context.tf.add(gatherTfjs(context, wte, ids), gatherTfjs(context, wpe, positions))];
  },
};
