import * as tf from '@tensorflow/tfjs-core';
import type { Value } from '../graph';
import { resolveShape } from '../shape';

const noCounts = { tokens: 0, sequences: 0 };

/** Tensors that stay from run to run. */
export class TfjsCaches {
  private readonly tensors = new Map<string, tf.Tensor>();

  /** Zeros, in place of all earlier ones. */
  allocate(values: readonly Value[]): void {
    for (const tensor of this.tensors.values()) tensor.dispose();
    this.tensors.clear();
    for (const { role, label, shape } of values) {
      if (role.kind !== 'cache') throw new Error(`${label} is no cache.`);
      if (!this.tensors.has(role.name)) this.tensors.set(role.name, tf.keep(tf.zeros(resolveShape(shape, noCounts))));
    }
  }

  /** Throws where no room was made. */
  tensor(name: string): tf.Tensor {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new Error(`${name} is used before allocateCaches made room for it.`);
    return tensor;
  }

  /** Takes the tensor over. */
  replace(name: string, tensor: tf.Tensor): void {
    this.tensor(name).dispose();
    this.tensors.set(name, tf.keep(tensor));
  }
}
