import type { Heap } from './heap';

/** One block that grows to the largest that was asked for. What it holds does not outlive a growth. */
export class Arena {
  address = 0;
  sizeBytes = 0;
  private readonly heap: Heap;

  constructor(heap: Heap) {
    this.heap = heap;
  }

  reserve(sizeBytes: number): void {
    if (sizeBytes <= this.sizeBytes) return;
    this.dispose();
    this.address = this.heap.allocate(sizeBytes);
    this.sizeBytes = sizeBytes;
  }

  dispose(): void {
    if (this.sizeBytes > 0) this.heap.release(this.address);
    this.sizeBytes = 0;
  }
}
