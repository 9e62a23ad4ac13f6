import { TuneletError } from '../api/errors';
import type { ConnectOptions, DeviceOffers, DevicePreference, DeviceReport } from '../api/device';

/** What the user's browser offers, and what of it runs will use. */
export interface Device {
  report: DeviceReport;
  /** Why its kernels cannot be trusted, so that TensorFlow.js computes there instead; null while they can. */
  disproof: string | null;
  /** Whether kernels are measured. */
  tunes: boolean;
  /** Threads for the processor's executor. */
  threads: number;
  /** The largest buffer, and the largest part of one that a kernel reaches; null on the processor. */
  limits: { bufferBytes: number; bindingBytes: number } | null;
}

const mostThreads = 8;

/**
 * Hardware WebGPU, else the processor: a software adapter multiplies some fifteen times slower than WebAssembly does.
 * @throws TuneletError 'device/unavailable' when WebGPU is asked for and there is none.
 */
export async function findDevice(preference: DevicePreference, { tune = true }: ConnectOptions = {}): Promise<Device> {
  const threads = globalThis.crossOriginIsolated ? Math.min(mostThreads, navigator.hardwareConcurrency || 1) : 1;
  const adapter = preference === 'wasm' ? null : await requestAdapter();
  if (preference === 'webgpu' && !adapter) {
    throw new TuneletError(
      'device/unavailable',
      'WebGPU was asked for, but this browser offers no WebGPU adapter.',
      'Use a current Chrome or Edge with hardware acceleration on, or choose the processor instead.',
    );
  }
  if (adapter && (preference === 'webgpu' || !adapter.info.isFallbackAdapter)) {
    const name = adapterName(adapter.info);
    const notice = adapter.info.isFallbackAdapter
      ? 'This WebGPU adapter is software: it computes on the processor and is slow. The processor’s own way is faster.'
      : null;
    const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
    const limits = { bufferBytes: maxBufferSize, bindingBytes: maxStorageBufferBindingSize };
    const report: DeviceReport = { executor: 'webgpu', label: `WebGPU, ${name}`, notice, offers: offersOf(adapter) };
    return { threads, limits, report, disproof: null, tunes: tune };
  }
  return processor(threads, noticeOf(preference, adapter));
}

/** The user's processor as a device; `notice`: why it is that. */
export function processor(threads: number, notice: string | null): Device {
  const label = `Processor, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return { threads, limits: null, disproof: null, tunes: false, report: { executor: 'wasm', label, notice, offers: null } };
}

/**
 * Whether the browser gives the graphics device again. After crashes of its graphics process Chromium gives none for two minutes, or
 * software in its place, which is not what the run was on.
 */
export async function graphicsAreBack({ report }: Device): Promise<boolean> {
  const adapter = await requestAdapter().catch(() => null);
  if (!adapter) return false;
  return !adapter.info.isFallbackAdapter || report.offers?.isSoftware === true;
}

async function requestAdapter(): Promise<GPUAdapter | null> {
  // Absent in browsers without WebGPU, whatever the types say.
  const gpu: GPU | undefined = navigator.gpu;
  return (await gpu?.requestAdapter({ powerPreference: 'high-performance' })) ?? null;
}

function offersOf({ features, limits, info }: GPUAdapter): DeviceOffers {
  return {
    shaderF16: features.has('shader-f16'),
    subgroups: features.has('subgroups') ? { minimum: info.subgroupMinSize, maximum: info.subgroupMaxSize } : null,
    maxBufferBytes: limits.maxBufferSize,
    maxBindingBytes: limits.maxStorageBufferBindingSize,
    isSoftware: info.isFallbackAdapter,
  };
}

/** The device after a kernel of ours went wrong on it. */
export function disprovedReport(report: DeviceReport, reason: string): DeviceReport {
  return {
    ...report,
    label: `${report.label}, by TensorFlow.js`,
    notice: `${reason} TensorFlow.js computes on this device instead, which is slower.`,
  };
}

function adapterName(info: GPUAdapterInfo): string {
  return info.description || [info.vendor, info.architecture].filter(Boolean).join(' ') || 'unnamed GPU';
}

function noticeOf(preference: DevicePreference, adapter: GPUAdapter | null): string | null {
  if (preference === 'wasm') return null;
  const reason = adapter ? 'This browser’s WebGPU runs in software' : 'This browser offers no WebGPU';
  const threads = globalThis.crossOriginIsolated
    ? ''
    : ' The page is not cross-origin isolated, so one thread does all the work.';
  return `${reason}, so training runs on the processor. Small models train in minutes; for larger ones use Chrome or Edge with a GPU.${threads}`;
}
