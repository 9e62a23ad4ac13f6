import type { Value } from '../graph';
import { elementCount } from '../shape';
import type { Heap } from './heap';

const noCounts = { tokens: 0, sequences: 0 };

/** Blocks that keep their numbers from run to run. */
export class WasmCaches {
  private readonly heap: Heap;
  private readonly blocks = new Map<string, number>();

  constructor(heap: Heap) {
    this.heap = heap;
  }

  /** In place of all earlier ones. */
  allocate(values: readonly Value[]): void {
    for (const address of this.blocks.values()) this.heap.release(address);
    this.blocks.clear();
    for (const { role, label, shape } of values) {
      if (role.kind !== 'cache') throw new Error(`${label} is no cache.`);
      if (!this.blocks.has(role.name)) this.blocks.set(role.name, this.heap.allocate(4 * elementCount(shape, noCounts)));
    }
  }

  /** Throws where no room was made. */
  address({ role, label }: Value): number {
    const address = role.kind === 'cache' ? this.blocks.get(role.name) : undefined;
    if (address === undefined) throw new Error(`${label} is used before allocateCaches made room for it.`);
    return address;
  }
}
