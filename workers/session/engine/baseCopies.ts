import { savedTensor } from '../../api/adapterNames';
import type { WeightRows } from '../../engine/executor';
import { GraphBuilder } from '../../engine/graph';
import type { ParameterLayout } from '../../engine/parameters';
import { WeightRegister, type ArrivingWeight } from '../../engine/weightRows';
import type { BaseModel } from '../../models/architecture';
import { shapeRules } from '../../ops/index';

/** The base model's values of what a run trains as a whole, gathered while the weights stream by; float32, by the adapter's names. */
export class BaseCopies {
  /** Of those that are complete and of those that are not. */
  readonly tensors = new Map<string, Float32Array>();
  private readonly register = new WeightRegister();
  private readonly path: (tensor: string) => string;

  constructor(layout: ParameterLayout, { tensors, modulePrefix }: BaseModel) {
    this.path = (tensor) => savedTensor(modulePrefix + tensor);
    const placed = layout.tensors();
    const graph = new GraphBuilder(shapeRules);
    for (const [path, shape] of tensors) {
      if (!placed.has(savedTensor(path))) continue;
      this.register.allocate([graph.weight(path.slice(modulePrefix.length), shape, 'float32')]);
      this.tensors.set(savedTensor(path), new Float32Array(shape.reduce((product, size) => product * size, 1)));
    }
  }

  /** Which they are. */
  get key(): string {
    return [...this.tensors.keys()].join();
  }

  /** Rows of other tensors are ignored. */
  write(rows: WeightRows): void {
    this.register.write(rows, ({ role }: ArrivingWeight) => this.tensors.get(this.path(role.tensor)) ?? new Float32Array());
  }

  /** Throws 'model/missing-tensor' where rows never came. */
  requireComplete(): void {
    this.register.requireComplete();
  }
}
