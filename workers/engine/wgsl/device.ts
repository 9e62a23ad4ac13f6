import { TuneletError } from '../../api/errors';
import type { DeviceTraits } from './kernel';

export interface OpenDevice {
  device: GPUDevice;
  traits: DeviceTraits;
  /** True where this folder asked for the device and so ends it. */
  owned: boolean;
}

/** Limits whose defaults are low and which are asked for at the adapter's best. */
const wantedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
] as const;

/** Asked for where the adapter has them; a kernel may use only what is here. */
const wantedFeatures: readonly GPUFeatureName[] = ['timestamp-query', 'shader-f16', 'subgroups'];

/** What takes the place of the adapter's own traits. */
export interface TraitOptions {
  matmul?: DeviceTraits['matmul'];
  chosen?: DeviceTraits['chosen'];
  maxBindingBytes?: number;
}

/** Opens the fastest adapter's device, or describes the given one. Throws `device/unavailable`. */
export async function openDevice(given: GPUDevice | undefined, options: TraitOptions): Promise<OpenDevice> {
  if (given) return { device: given, traits: traitsOf(given, given.adapterInfo, options), owned: false };
  const adapter = await requestAdapter();
  const requiredLimits = Object.fromEntries(wantedLimits.map((name) => [name, adapter.limits[name]]));
  const requiredFeatures = wantedFeatures.filter((name) => adapter.features.has(name));
  const device = await requestDevice(adapter, { requiredLimits, requiredFeatures });
  return { device, traits: traitsOf(device, adapter.info, options), owned: true };
}

/** A driver that has just crashed offers an adapter that gives no device. */
async function requestDevice(adapter: GPUAdapter, wanted: GPUDeviceDescriptor): Promise<GPUDevice> {
  try {
    return await adapter.requestDevice(wanted);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new TuneletError(
      'device/unavailable',
      `The graphics adapter gave no device: ${reason}`,
      'Try again in two minutes, or choose the processor as device.',
    );
  }
}

async function requestAdapter(): Promise<GPUAdapter> {
  const remedy = 'Use a browser with WebGPU (Chrome, Edge), or choose the processor as device.';
  if (!('gpu' in navigator)) {
    throw new TuneletError('device/unavailable', 'This browser offers no WebGPU.', remedy);
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new TuneletError(
      'device/unavailable',
      'WebGPU is there, but it found no graphics adapter. After crashes a browser gives none for about two minutes.',
      remedy,
    );
  }
  return adapter;
}

function traitsOf(device: GPUDevice, info: GPUAdapterInfo, { matmul, chosen, maxBindingBytes }: TraitOptions): DeviceTraits {
  const direct = info.isFallbackAdapter || info.vendor.toLowerCase() === 'apple';
  return {
    matmul: matmul ?? (direct ? 'direct' : 'tiled'),
    chosen: chosen ?? {},
    shaderF16: device.features.has('shader-f16'),
    subgroups: device.features.has('subgroups') ? { minimum: info.subgroupMinSize, maximum: info.subgroupMaxSize } : null,
    maxComputeInvocationsPerWorkgroup: device.limits.maxComputeInvocationsPerWorkgroup,
    maxComputeWorkgroupStorageSize: device.limits.maxComputeWorkgroupStorageSize,
    maxStorageBufferBindingSize: Math.min(maxBindingBytes ?? Infinity, device.limits.maxStorageBufferBindingSize),
    software: info.isFallbackAdapter,
  };
}
