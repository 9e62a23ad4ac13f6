import type { Node, Value } from '../graph';
import type { Counts } from '../shape';
import type { RowWindow } from './rowWindows';

/** One of several kernels that compute the same. Each is proven on a device before it is used there, and the tuner measures them. */
export interface KernelChoice {
  /** The op and the class of shapes that the choice is for: `linear.large`. */
  name: string;
  /** The plain kernel, which depends on nothing, comes first; another only where the device offers all that it needs. */
  variants(device: DeviceTraits): readonly string[];
  /** Taken where nothing was measured; one of `variants`. */
  preferred(device: DeviceTraits): string;
}

/** What kernels may depend on; read from the adapter, never assumed. */
export interface DeviceTraits {
  /** `direct`: registers only (software adapters, Apple); `tiled`: workgroup memory (most GPUs). */
  matmul: 'direct' | 'tiled';
  /** Variants by the name of their choice, where one was measured or another disproved; else the preferred one. */
  chosen: Readonly<Record<string, string>>;
  /** True where the device was opened with `shader-f16`. */
  shaderF16: boolean;
  /** The sizes that a subgroup may have, where the device was opened with `subgroups`. */
  subgroups: { minimum: number; maximum: number } | null;
  maxComputeInvocationsPerWorkgroup: number;
  maxComputeWorkgroupStorageSize: number;
  /** The most bytes of a buffer that one binding spans. */
  maxStorageBufferBindingSize: number;
  /** True for an adapter that computes on the processor. */
  software: boolean;
}

/** The variant to use on this device. */
export function variantOf(choice: KernelChoice, device: DeviceTraits): string {
  const chosen = device.chosen[choice.name];
  return chosen !== undefined && choice.variants(device).includes(chosen) ? chosen : choice.preferred(device);
}

/** An op's kernels, as the executor takes them. */
export interface KernelMaker {
  kernel(context: KernelContext<never>): Kernel[];
  readonly choices?: readonly KernelChoice[];
}

export interface KernelContext<A> {
  node: Node;
  attributes: A;
  device: DeviceTraits;
}

export interface KernelBinding {
  value: Value;
  access: 'read' | 'read_write';
  /** Of a frozen weight: the rows to bind, one of its `rowWindows`. Default: all. */
  rows?: RowWindow;
}

/**
 * One dispatch. Bindings: 0 the step uniform (StepValues and counts), 1 this kernel's shape uniform, 2 the tile origin
 * (dynamic offset), then `bindings` from 3 on. Shapes come from uniforms, so that one pipeline serves many shapes.
 * `buildKernel` makes one from a WGSL file.
 */
export interface Kernel {
  label: string;
  /** WGSL, complete; equal source shares one pipeline. */
  source: string;
  /** Each value once: WebGPU forbids two writable bindings of the same bytes in one dispatch. */
  bindings: KernelBinding[];
  /** Numbers of the shape uniform: first the integers, then the floats. */
  shape: { u32: number[]; f32: number[] };
  /** Workgroups in x, y, z for a batch. */
  grid(counts: Counts): [number, number, number];
  /** True where the kernel adds the tile origin to its workgroup id y, so that a long dispatch may be cut along y. */
  splittable: boolean;
  /** Estimated work, for cutting submits and for the benchmark. */
  multiplyAdds(counts: Counts): number;
}
