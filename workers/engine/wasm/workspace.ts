import type { Heap } from './heap';

const alignmentBytes = 64;

/** Bytes that one node needs while it runs. Nodes run one after another and share them. */
export class Workspace {
  private readonly heap: Heap;
  private blocks: { address: number; sizeBytes: number }[] = [];
  private usedBytes = 0;

  constructor(heap: Heap) {
    this.heap = heap;
  }

  /** Valid until `reset`. */
  take(sizeBytes: number): number {
    const rounded = Math.ceil(sizeBytes / alignmentBytes) * alignmentBytes;
    const last = this.blocks.at(-1);
    if (last && this.usedBytes + rounded <= last.sizeBytes) {
      this.usedBytes += rounded;
      return last.address + this.usedBytes - rounded;
    }
    const address = this.heap.allocate(rounded);
    this.blocks.push({ address, sizeBytes: rounded });
    this.usedBytes = rounded;
    return address;
  }

  /** Makes one block of what the node before needed, so that there are few in the end. */
  reset(): void {
    this.usedBytes = 0;
    if (this.blocks.length < 2) return;
    const sizeBytes = this.blocks.reduce((sum, block) => sum + block.sizeBytes, 0);
    this.dispose();
    this.blocks = [{ address: this.heap.allocate(sizeBytes), sizeBytes }];
  }

  dispose(): void {
    for (const { address } of this.blocks) this.heap.release(address);
    this.blocks = [];
    this.usedBytes = 0;
  }
}
