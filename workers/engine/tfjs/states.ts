import * as tf from '@tensorflow/tfjs-core';
import type { StateName } from '../graph';
import { stateLength } from '../lossScale';
import type { Backend } from './backend';

const stateNames: readonly StateName[] = ['parameters', 'gradients', 'firstMoment', 'secondMoment', 'lossScale'];

/** What is trained: flat tensors, and the pieces of them that ops read and write, as tensors of their own. */
export class TfjsStates {
  size = 0;
  private readonly backend: Backend;
  private readonly flat = new Map<StateName, tf.Tensor>();
  /** Pieces of the parameters, cut when first used; by offset and shape. */
  private readonly parameters = new Map<string, tf.Tensor>();
  /** Pieces of the gradients that were written since they were last put together, by offset. */
  private readonly gradients = new Map<number, tf.Tensor>();

  constructor(backend: Backend) {
    this.backend = backend;
  }

  /** Zeros, in place of anything earlier. */
  allocate(size: number): void {
    this.dispose();
    this.size = size;
    for (const name of stateNames) this.replace(name, tf.zeros([stateLength(name, size)]));
  }

  /** Takes the tensor over. */
  replace(name: StateName, tensor: tf.Tensor): void {
    const length = stateLength(name, this.size);
    if (tensor.size !== length) throw new RangeError(`${name} holds ${length} numbers; ${tensor.size} came.`);
    this.flat.get(name)?.dispose();
    this.flat.set(name, tf.keep(tensor));
    const pieces = name === 'parameters' ? this.parameters : name === 'gradients' ? this.gradients : null;
    for (const piece of pieces?.values() ?? []) piece.dispose();
    pieces?.clear();
  }

  /** The whole buffer. */
  tensor(name: StateName): tf.Tensor {
    if (name === 'gradients') this.assembleGradients();
    const tensor = this.flat.get(name);
    if (!tensor) throw new Error(`${name} are used before allocateParameters made room for them.`);
    return tensor;
  }

  parameter(offset: number, shape: readonly number[]): tf.Tensor {
    const key = `${offset} ${shape}`;
    const known = this.parameters.get(key);
    if (known) return known;
    const piece = tf.keep(this.cut(this.tensor('parameters'), offset, shape));
    this.parameters.set(key, piece);
    return piece;
  }

  /** A piece of the gradients as they stand. The caller disposes it. */
  gradient(offset: number, shape: readonly number[]): tf.Tensor {
    const written = this.gradients.get(offset);
    if (written) return tf.reshape(written, [...shape]);
    return this.cut(this.tensor('gradients'), offset, shape);
  }

  /** Replaces a piece of the gradients, or adds to it. */
  writeGradient(offset: number, values: tf.Tensor, accumulate: boolean): void {
    const piece = tf.tidy(() => {
      const flat = tf.reshape(values, [values.size]);
      return accumulate ? tf.add(flat, this.gradient(offset, [values.size])) : flat;
    });
    this.gradients.get(offset)?.dispose();
    this.gradients.set(offset, tf.keep(piece));
  }

  dispose(): void {
    for (const tensors of [this.flat, this.parameters, this.gradients]) {
      for (const tensor of tensors.values()) tensor.dispose();
      tensors.clear();
    }
    this.size = 0;
  }

  /** Puts the written pieces into the flat gradients; what lies between them stays. */
  private assembleGradients(): void {
    const before = this.flat.get('gradients');
    if (this.gradients.size === 0 || !before) return;
    const whole = tf.tidy(() => {
      const parts: tf.Tensor[] = [];
      let end = 0;
      for (const [offset, piece] of [...this.gradients].toSorted(([a], [b]) => a - b)) {
        if (offset > end) parts.push(this.cut(before, end, [offset - end]));
        parts.push(piece);
        end = offset + piece.size;
      }
      if (end < this.size) parts.push(this.cut(before, end, [this.size - end]));
      return tf.concat(parts);
    });
    this.replace('gradients', whole);
  }

  /** The wasm backend's own slice copies the whole tensor first. */
  private cut(flat: tf.Tensor, offset: number, shape: readonly number[]): tf.Tensor {
    const count = shape.reduce((product, size) => product * size, 1);
    const view = this.backend.hostView(flat);
    if (view) return tf.tensor(view.slice(offset, offset + count), [...shape]);
    return tf.tidy(() => tf.reshape(tf.slice(flat, [offset], [count]), [...shape]));
  }
}
