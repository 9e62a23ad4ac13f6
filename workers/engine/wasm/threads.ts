import { TuneletError } from '../../api/errors';
import type { Features } from './assembler';
import type { Heap } from './heap';
import type { HelperStart } from './helper.worker';
import type { ArgumentValues, WasmKernel } from './kernel';
import { buildWorkModule, control, instantiateWork, mostArguments, mostThreads, type WorkExports } from './workModule';

const firstScratchBytes = 65_536;

/** Threads that run kernels on one heap. The calling thread is one of them. */
export class Threads {
  readonly count: number;
  private readonly heap: Heap;
  private readonly work: WorkExports;
  private readonly block: number;
  private readonly indices = new Map<unknown, number>();
  private readonly helpers: Worker[];
  private scratchBytes = 0;

  private constructor(heap: Heap, kernels: readonly WasmKernel[], work: WorkExports, block: number, helpers: Worker[]) {
    this.heap = heap;
    this.work = work;
    this.block = block;
    this.helpers = helpers;
    this.count = 1 + helpers.length;
    kernels.forEach((kernel, index) => this.indices.set(kernel, index));
    this.reserveScratch(firstScratchBytes);
  }

  /** Compiles the kernels and starts `count` - 1 helping threads. Throws `device/unavailable`. */
  static async start(heap: Heap, kernels: readonly WasmKernel[], count: number, features: Features): Promise<Threads> {
    const module = await WebAssembly.compile(buildWorkModule(kernels, heap.limits, features));
    const block = heap.allocate(control.sizeBytes);
    heap.integers(block, control.sizeBytes / 4).fill(0);
    const wanted = heap.limits.shared ? Math.min(count, mostThreads) - 1 : 0;
    const starts = Array.from({ length: Math.max(0, wanted) }, (_, index): HelperStart => {
      return { module, memory: heap.memory, block, own: block + control.scratch + 4 * (index + 1) };
    });
    const helpers = await Promise.all(starts.map(startHelper));
    return new Threads(heap, kernels, instantiateWork(module, heap.memory), block, helpers);
  }

  /** Runs a kernel; done when it returns. */
  call<K extends Readonly<Record<string, 'i32' | 'f32'>>>(kernel: WasmKernel<K>, parts: number, values: ArgumentValues<K>): void {
    const index = this.indices.get(kernel);
    if (index === undefined) throw new Error(`The table of ops does not list the kernel ${kernel.name}.`);
    const names = Object.keys(kernel.kinds);
    if (names.length > mostArguments) throw new Error(`The kernel ${kernel.name} has more than ${mostArguments} arguments.`);
    const words = this.heap.integers(this.block, control.sizeBytes / 4);
    const numbers = this.heap.floats(this.block, control.sizeBytes / 4);
    names.forEach((name, at) => {
      const target = kernel.kinds[name] === 'i32' ? words : numbers;
      target[control.arguments / 4 + at] = values[name] ?? 0;
    });
    words[control.parts / 4] = parts;
    words[control.kernel / 4] = index;
    const own = this.block + control.scratch;
    if (parts > 1 && this.count > 1) this.work.runJob(this.block, own);
    else this.work.runAlone(this.block, own);
  }

  /** Makes sure that each thread has as many bytes of its own. */
  reserveScratch(sizeBytes: number): void {
    if (sizeBytes <= this.scratchBytes) return;
    for (let thread = 0; thread < this.count; thread++) {
      const [word = 0] = this.heap.integers(this.block + control.scratch + 4 * thread, 1);
      if (word) this.heap.release(word >>> 0);
      const address = this.heap.allocate(sizeBytes);
      this.heap.integers(this.block + control.scratch + 4 * thread, 1)[0] = address;
    }
    this.scratchBytes = sizeBytes;
  }

  dispose(): void {
    this.heap.integers(this.block + control.stop, 1)[0] = 1;
    for (const helper of this.helpers) helper.terminate();
  }
}

function startHelper(start: HelperStart): Promise<Worker> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./helper.worker.ts', import.meta.url), { type: 'module', name: 'kernels' });
    worker.addEventListener('message', () => resolve(worker), { once: true });
    worker.addEventListener('error', ({ message }) => {
      reject(
        new TuneletError(
          'device/unavailable',
          `A helping thread for the kernels did not start: ${message || 'no reason was given'}.`,
          'Reload the page; if it stays so, use a current version of Chrome, Edge, Firefox or Safari.',
        ),
      );
    });
    worker.postMessage(start);
  });
}
