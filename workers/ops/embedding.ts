import type { OpDefinition } from '../engine/op';
import { matrix, requireEqual } from '../engine/shape';
import type { NoAttributes } from './attributes';
import { embeddingKernel } from './embedding.kernel';
import { gatherTfjs } from './shared/gatherTfjs';
import { firstInputs, optionalInput, sizes, vector } from './shared/inputs';

const name = 'embedding';

/** Token embedding, plus that of its position where the model learns such: inputIds (R), positions? (R), wte (V, C), wpe? (P, C) -> (R, C). */
export const embedding: OpDefinition<NoAttributes> = {
  name,
  backward: null,
  kernel: embeddingKernel,

  inferShape(shapes) {
    const [ids] = firstInputs(shapes, 1, name);
    const [wte] = firstInputs(shapes.slice(2), 1, name);
    const rows = vector(ids, 'embedding inputIds');
    const [, width] = matrix(wte, 'embedding wte');
    const [positions, wpe] = [optionalInput(shapes, 1), optionalInput(shapes, 3)];
    if (positions || wpe) {
      requireEqual(rows, vector(positions, 'embedding positions'), 'The rows of inputIds and positions', [...shapes]);
      requireEqual(width, matrix(wpe, 'embedding wpe')[1], 'The widths of wte and wpe', [...shapes]);
    }
    return [[rows, width]];
  },

  reference(inputs, shapes) {
    const [ids] = firstInputs(inputs, 1, name);
    const [wte] = firstInputs(inputs.slice(2), 1, name);
    const [positions, wpe] = [optionalInput(inputs, 1), optionalInput(inputs, 3)];
    const [, width] = sizes(shapes, 2);
    const out = new Float64Array(ids.length * width);
    for (let row = 0; row < ids.length; row++) {
      for (let column = 0; column < width; column++) {
        const place = positions && wpe ? wpe[positions[row]! * width + column]! : 0;
        out[row * width + column] = wte[ids[row]! * width + column]! + place;
      }
    }
    return [out];
  },

  tfjs(context, inputs) {
    const [ids] = firstInputs(inputs, 1, name);
    const [wte] = firstInputs(inputs.slice(2), 1, name);
    const [positions, wpe] = [optionalInput(inputs, 1), optionalInput(inputs, 3)];
    const tokens = gatherTfjs(context, wte, ids);
    return [positions && wpe ? context.tf.add(tokens, gatherTfjs(context, wpe, positions)) : tokens];
  },
};
