export type DevicePreference = 'auto' | 'webgpu' | 'wasm';

export interface DeviceReport {
  executor: 'webgpu' | 'wasm';
  /** "WebGPU, Apple M2" or "Processor, 2 threads". */
  label: string;
  /** Why the run is slower than it could be, in friendly words, or null. */
  notice: string | null;
  /** What a graphics device has to offer; null on the processor. */
  offers: DeviceOffers | null;
}

/** As the browser tells it. */
export interface DeviceOffers {
  /** Arithmetic in float16. */
  shaderF16: boolean;
  /** The least and the most threads of a subgroup, where kernels may use them. */
  subgroups: { minimum: number; maximum: number } | null;
  maxBufferBytes: number;
  /** The most of a buffer that a kernel reaches. */
  maxBindingBytes: number;
  /** It computes on the processor. */
  isSoftware: boolean;
}

/** How a device is to be used; what is left out is on. */
export interface ConnectOptions {
  /** A lock that the worker is to hold as long as it lives. */
  lifeSign?: string;
  /** Measures kernels on the device and takes the fastest: once, in under two seconds. */
  tune?: boolean;
}
