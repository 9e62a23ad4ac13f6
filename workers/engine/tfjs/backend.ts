import * as tf from '@tensorflow/tfjs-core';
import { TuneletError } from '../../api/errors';
import { lossToldWithinMs, lostError } from '../deviceLoss';

export type BackendName = 'wasm' | 'webgpu' | 'cpu';

export interface BackendOptions {
  /** Default: wasm. */
  backend?: BackendName;
  /** Folder of the wasm backend's binaries, ending in a slash: it takes one of three by what the browser can do. Needed for wasm in a browser. */
  wasmPath?: string;
  /** Threads for wasm where the page is cross-origin isolated. Default: every logical processor, eight at most. */
  threads?: number;
}

/** A started backend of TensorFlow.js. Backends are global to the thread: `activate` before each use. */
export interface Backend {
  name: BackendName;
  /** Threads that multiply; 1 where there are none to choose. */
  threads: number;
  activate(): void;
  /** Resolves with the reason when its graphics device is lost; the next start makes another. Others are never lost. */
  readonly lost: Promise<string>;
  /** `device/lost` where that is why something failed, else what was thrown. */
  causeOf(thrown: unknown): Promise<unknown>;
  /** The tensor's numbers in place, or null where the host cannot read them at once. */
  hostView(tensor: tf.Tensor): Float32Array | null;
  /** Bytes that the backend holds, weights and operands packed for multiplication included. */
  memoryBytes(): number;
}

/** The wasm backend's, as far as it is used here. */
interface HeapBackend {
  typedArrayFromHeap(tensor: tf.TensorInfo): tf.TypedArray;
  wasm: { HEAPU8: Uint8Array };
}

/** Starts a backend, or finds it started. Throws `device/unavailable`. */
export async function startBackend({ backend: name = 'wasm', wasmPath, threads }: BackendOptions): Promise<Backend> {
  const actualThreads = await start(name, wasmPath, threads ?? defaultThreads());
  const lost = lossOf(name);
  return {
    name,
    threads: actualThreads,
    activate() {
      // A backend that has been started is set at once; the promise has nothing more to say.
      if (tf.getBackend() !== name) void tf.setBackend(name);
    },
    lost,
    causeOf: (thrown) => (name === 'webgpu' ? causeWithin(lost, thrown) : Promise.resolve(thrown)),
    hostView: hostViewOf(name),
    memoryBytes() {
      const started = startedBackend(name);
      return isHeapBackend(started) ? started.wasm.HEAPU8.length : tf.memory().numBytes;
    },
  };
}

function defaultThreads(): number {
  return Math.max(1, Math.min(8, globalThis.navigator?.hardwareConcurrency ?? 1));
}

async function start(name: BackendName, wasmPath: string | undefined, threads: number): Promise<number> {
  const loaded = await backendModules[name]();
  if (startedBackend(name) !== null) {
    await tf.setBackend(name);
    return loaded.threads();
  }
  loaded.configure(wasmPath, threads);
  const restore = name === 'wasm' ? offerProcessors(2 * threads) : () => {};
  const started = await tf.setBackend(name).catch((thrown: unknown) => thrown);
  restore();
  if (started !== true) {
    throw new TuneletError(
      'device/unavailable',
      `TensorFlow.js could not start its ${name} backend${started instanceof Error ? `: ${started.message}` : '.'}`,
      'Reload the page; if it stays so, use a current version of Chrome, Edge, Firefox or Safari.',
      { backend: name },
    );
  }
  return loaded.threads();
}

interface BackendModule {
  configure(wasmPath: string | undefined, threads: number): void;
  threads(): number;
}

const backendModules: Record<BackendName, () => Promise<BackendModule>> = {
  async wasm() {
    const { setWasmPaths, setThreadsCount, getThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
    return {
      configure(wasmPath, threads) {
        if (wasmPath !== undefined) setWasmPaths(wasmPath);
        setThreadsCount(threads);
      },
      threads: () => Math.max(1, getThreadsCount()),
    };
  },
  async webgpu() {
    await import('@tensorflow/tfjs-backend-webgpu');
    return {
      configure() {
        // Left to itself, tfjs 4.22 takes a split-K program for large inner sizes, whose results are wrong when the second operand is transposed.
        tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', 3);
        // Else small tensors are computed on the processor, which waits for the device.
        tf.env().set('WEBGPU_CPU_FORWARD', false);
      },
      threads: () => 1,
    };
  },
  async cpu() {
    await import('@tensorflow/tfjs-backend-cpu');
    return { configure() {}, threads: () => 1 };
  },
};

/** The wasm backend starts as many threads as half the processors it sees. Returns what undoes it. */
function offerProcessors(count: number): () => void {
  const { navigator } = globalThis;
  if (!navigator) return () => {};
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: count, configurable: true });
  return () => Reflect.deleteProperty(navigator, 'hardwareConcurrency');
}

/** Null before its start. `tf.findBackend` would begin one, and a second device with it. */
function startedBackend(name: BackendName): unknown {
  return tf.engine().registry[name] ?? null;
}

/** The backend goes with its device, since TensorFlow.js would hold on to both. */
async function lossOf(name: BackendName): Promise<string> {
  const started = startedBackend(name);
  if (!isDeviceBackend(started)) return new Promise(() => {});
  const { message, reason } = await started.device.lost;
  const make = tf.findBackendFactory(name);
  if (startedBackend(name) === started && make) {
    tf.removeBackend(name);
    tf.registerBackend(name, make);
  }
  return message || reason;
}

async function causeWithin(lost: Promise<string>, thrown: unknown): Promise<unknown> {
  if (thrown instanceof TuneletError) return thrown;
  const waited = new Promise<null>((resolve) => setTimeout(() => resolve(null), lossToldWithinMs));
  const reason = await Promise.race([lost, waited]);
  return reason === null ? thrown : lostError(reason);
}

function hostViewOf(name: BackendName): (tensor: tf.Tensor) => Float32Array | null {
  if (name === 'webgpu') return () => null;
  return (tensor) => {
    const started = startedBackend(name);
    const values = isHeapBackend(started) ? started.typedArrayFromHeap(tensor) : tensor.dataSync();
    return values instanceof Float32Array ? values : null;
  };
}

function isDeviceBackend(backend: unknown): backend is { device: GPUDevice } {
  return typeof backend === 'object' && backend !== null && 'device' in backend && backend.device instanceof GPUDevice;
}

function isHeapBackend(backend: unknown): backend is HeapBackend {
  return typeof backend === 'object' && backend !== null && 'typedArrayFromHeap' in backend && 'wasm' in backend;
}
