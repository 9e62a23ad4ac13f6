// node main.js device|peak|run|suites REQUEST.json ANSWER.json; TUNELET_WEBGPU names index.js of the package webgpu.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { measureGpuPeak, runTunelet, type BenchRequest } from '../page/runWorkload';
import { runSuites, type SuitesRequest } from './suites';

/** The package `webgpu`, as far as it is used here. */
interface Dawn {
  create(options: string[]): GPU;
  globals: Record<string, unknown>;
}

const [command = '', requestFile = '', answerFile = ''] = process.argv.slice(2);
await startDawn();
writeFileSync(answerFile, JSON.stringify(await answer(JSON.parse(readFileSync(requestFile, 'utf8')))));
// Dawn's own threads would keep the process.
process.exit(0);

async function answer(request: BenchRequest & SuitesRequest): Promise<unknown> {
  switch (command) {
    case 'device':
      return describeDevice();
    case 'peak':
      return measureGpuPeak();
    case 'run':
      return runTunelet(request);
    case 'suites':
      return runSuites(request);
    default:
      throw new Error(`“${command}” is no command; there are device, peak, run and suites.`);
  }
}

/** Makes WebGPU's objects global, as a browser has them. */
async function startDawn(): Promise<void> {
  const path = process.env['TUNELET_WEBGPU'];
  if (!path) throw new Error('TUNELET_WEBGPU names index.js of the package webgpu; it is not set.');
  const { create, globals }: Dawn = await import(/* @vite-ignore */ pathToFileURL(path).href);
  Object.assign(globalThis, globals);
  const gpu = create(['enable-dawn-features=allow_unsafe_apis', 'disable-dawn-features=timestamp_quantization']);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, hardwareConcurrency: 1 }, configurable: true });
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('Dawn found no Vulkan device. Name a driver’s ICD file in VK_DRIVER_FILES.');
}

async function describeDevice(): Promise<{ name: string; features: string[] }> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('The adapter is gone.');
  const { vendor, architecture, device, description, subgroupMinSize, subgroupMaxSize } = adapter.info;
  const subgroups = `subgroups of ${subgroupMinSize} to ${subgroupMaxSize}`;
  const name = [vendor, architecture, device, description, subgroups].filter(Boolean).join(', ');
  return { name, features: [...adapter.features].sort() };
}
