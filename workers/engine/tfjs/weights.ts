import * as tf from '@tensorflow/tfjs-core';
import type { WeightRows } from '../executor';
import type { Value } from '../graph';
import { WeightRegister, type ArrivingWeight } from '../weightRows';

/** The frozen weights as float32 tensors, each made when its last row arrives, and transposed copies of some. */
export class TfjsWeights {
  private readonly register = new WeightRegister();
  /** Of those whose rows have not all come. */
  private readonly values = new Map<ArrivingWeight, Float32Array>();
  private readonly tensors = new Map<ArrivingWeight, tf.Tensor>();
  private readonly frozen = new Set<tf.Tensor>();
  private readonly copies = new Map<tf.Tensor, tf.Tensor>();

  allocate(values: readonly Value[]): void {
    this.register.allocate(values);
  }

  /** Rows of a tensor that was not allocated are ignored. Throws a RangeError where rows lie outside of theirs. */
  write(rows: WeightRows): void {
    for (const weight of this.register.write(rows, (arriving) => this.room(arriving))) {
      const tensor = tf.keep(tf.tensor(this.room(weight), [...weight.shape]));
      this.tensors.set(weight, tensor);
      this.frozen.add(tensor);
      this.values.delete(weight);
    }
  }

  /** Throws `model/missing-tensor`, naming the weights of which rows never came. */
  requireComplete(): void {
    this.register.requireComplete();
  }

  /** Throws where the weight was not allocated or is not complete. */
  tensor(value: Value): tf.Tensor {
    const tensor = this.tensors.get(this.register.complete(value));
    if (!tensor) throw new Error(`${value.label} is complete, but has no tensor.`);
    return tensor;
  }

  /** A copy `(columns, rows)`, made at first asking and kept; null of what is no frozen weight. */
  transposed(weight: tf.Tensor): tf.Tensor | null {
    const known = this.copies.get(weight);
    if (known) return known;
    if (!this.frozen.has(weight)) return null;
    const copy = tf.keep(tf.transpose(weight));
    this.copies.set(weight, copy);
    return copy;
  }

  dispose(): void {
    tf.dispose([...this.copies.values(), ...this.tensors.values()]);
    this.copies.clear();
    this.frozen.clear();
    this.tensors.clear();
    this.values.clear();
    this.register.clear();
  }

  private room(weight: ArrivingWeight): Float32Array {
    const known = this.values.get(weight);
    if (known) return known;
    const values = new Float32Array(weight.shape.reduce((product, size) => product * size, 1));
    this.values.set(weight, values);
    return values;
  }
}
