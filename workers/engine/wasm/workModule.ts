import { defineFunction, ModuleBuilder, type Features, type MemoryImport } from './assembler';
import { i32, integer } from './instructions';
import type { WasmKernel } from './kernel';

/**
 * The module that every thread runs. One call of a kernel is a job: its parts are handed out by a counter in shared memory,
 * and whoever comes takes the next. Threads enter a job only while it is open, and are counted while they are inside, so
 * that a thread that comes late never meets the job after it half written.
 */

/** Words of the control block, as byte offsets. Each that is written often lies in a cache line of its own. */
export const control = {
  generation: 0,
  open: 64,
  inside: 128,
  sleepers: 192,
  stop: 256,
  nextPart: 320,
  parts: 384,
  kernel: 388,
  arguments: 392,
  /** A word for each thread: the address of its scratch. */
  scratch: 640,
  sizeBytes: 1024,
} as const;

/** The calling thread is the first. */
export const mostThreads = (control.sizeBytes - control.scratch) / 4;
/** Words of arguments that a call may have. */
export const mostArguments = (control.scratch - control.arguments) / 4;

/** Looks at a word so often before it sleeps: some tens of microseconds, longer than the pause between two kernels. */
const patience = 20_000;

/** Second parameter, here and below: the address of the word that holds the address of this thread's scratch. */
const takeParts = defineFunction('takeParts', ['i32', 'i32'], (f, [block, own]) => {
  const scratch = f.integer(i32.load(own));
  const part = f.integer(i32.atomicAdd(block, 1, control.nextPart));
  f.while(i32.less(part, i32.load(block, control.parts)), () => {
    f.callTable(i32.load(block, control.kernel), part, i32.add(block, control.arguments), scratch);
    f.set(part, i32.atomicAdd(block, 1, control.nextPart));
  });
});

/** A helping thread's whole life. */
const serve = defineFunction('serve', ['i32', 'i32'], (f, [block, own]) => {
  const seen = f.integer(0);
  const looks = f.integer(0);
  f.while(i32.isZero(i32.atomicLoad(block, control.stop)), () => {
    f.set(looks, integer(0));
    const unchanged = i32.equal(i32.atomicLoad(block, control.generation), seen);
    f.while(i32.and(unchanged, i32.less(looks, patience)), () => f.increase(looks, 1));
    f.if(unchanged, () => {
      f.drop(i32.atomicAdd(block, 1, control.sleepers));
      f.drop(i32.atomicWait(block, seen, control.generation));
      f.drop(i32.atomicAdd(block, -1, control.sleepers));
    });
    f.set(seen, i32.atomicLoad(block, control.generation));
    f.drop(i32.atomicAdd(block, 1, control.inside));
    f.if(i32.atomicLoad(block, control.open), () => f.call(takeParts, block, own));
    f.drop(i32.atomicAdd(block, -1, control.inside));
  });
});

/** Runs the job in the control block with everyone's help; done when it returns. */
const runJob = defineFunction('runJob', ['i32', 'i32'], (f, [block, own]) => {
  f.atomicStore(block, 0, control.nextPart);
  f.atomicStore(block, 1, control.open);
  f.drop(i32.atomicAdd(block, 1, control.generation));
  f.if(i32.atomicLoad(block, control.sleepers), () => f.drop(i32.atomicNotify(block, -1, control.generation)));
  f.call(takeParts, block, own);
  f.atomicStore(block, 0, control.open);
  f.while(i32.atomicLoad(block, control.inside), () => {});
});

/** Runs the job in the control block on this thread alone. */
const runAlone = defineFunction('runAlone', ['i32', 'i32'], (f, [block, own]) => {
  const scratch = f.integer(i32.load(own));
  f.for(0, i32.load(block, control.parts), 1, (part) => {
    f.callTable(i32.load(block, control.kernel), part, i32.add(block, control.arguments), scratch);
  });
});

/** What the module gives out. */
export interface WorkExports {
  serve(block: number, own: number): void;
  runJob(block: number, own: number): void;
  runAlone(block: number, own: number): void;
}

export function instantiateWork(module: WebAssembly.Module, memory: WebAssembly.Memory): WorkExports {
  const { exports } = new WebAssembly.Instance(module, { host: { memory, log: Math.log } });
  if (!isWork(exports)) throw new Error('The module of kernels lacks its entry points.');
  return exports;
}

/** The module's bytes, with the kernels in the function table in order. */
export function buildWorkModule(
  kernels: readonly WasmKernel[],
  memory: MemoryImport,
  features: Features,
): Uint8Array<ArrayBuffer> {
  const table = kernels.map(({ definition }) => definition);
  return new ModuleBuilder(features, ['log']).finish(memory, table, [serve, runJob, runAlone]);
}

function isWork(exports: object): exports is WorkExports {
  return ['serve', 'runJob', 'runAlone'].every((name) => name in exports);
}
