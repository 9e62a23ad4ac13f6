import type { StateName } from '../graph';
import { stateLength } from '../lossScale';
import type { Heap } from './heap';

const names: readonly StateName[] = ['parameters', 'gradients', 'firstMoment', 'secondMoment', 'lossScale'];

/** What is trained: one flat block each. */
export class WasmStates {
  size = 0;
  private readonly heap: Heap;
  private readonly blocks = new Map<StateName, number>();

  constructor(heap: Heap) {
    this.heap = heap;
  }

  /** Zeros, in place of anything earlier. */
  allocate(size: number): void {
    this.dispose();
    this.size = size;
    for (const name of names) {
      const length = stateLength(name, size);
      const address = this.heap.allocate(4 * length);
      this.heap.floats(address, length).fill(0);
      this.blocks.set(name, address);
    }
  }

  address(name: StateName): number {
    const address = this.blocks.get(name);
    if (address === undefined) throw new Error(`${name} are used before allocateParameters made room for them.`);
    return address;
  }

  read(name: StateName): Float32Array {
    return Float32Array.from(this.heap.floats(this.address(name), stateLength(name, this.size)));
  }

  write(name: StateName, values: Float32Array): void {
    const length = stateLength(name, this.size);
    if (values.length !== length) throw new RangeError(`${name} holds ${length} numbers; ${values.length} came.`);
    this.heap.floats(this.address(name), length).set(values);
  }

  dispose(): void {
    for (const address of this.blocks.values()) this.heap.release(address);
    this.blocks.clear();
    this.size = 0;
  }
}
