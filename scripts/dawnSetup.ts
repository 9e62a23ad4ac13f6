import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll } from 'vitest';

/** The package `webgpu`, as far as it is used here. It is installed by the benchmark's own package.json, see e2e/bench. */
interface Dawn {
  create(options: string[]): GPU;
  globals: Record<string, unknown>;
}

// Kernel suites in Node on any Vulkan driver: WebGPU by Dawn, and files of the project by fetch.
const require = createRequire(new URL('../e2e/bench/package.json', import.meta.url));
const { create, globals } = require('webgpu') as Dawn;
Object.assign(globalThis, globals);
Object.defineProperty(globalThis, 'navigator', {
  value: { gpu: create(['enable-dawn-features=allow_unsafe_apis']), hardwareConcurrency: 2 },
  configurable: true,
});
// The process lives as long as the object does.
afterAll(() => Reflect.deleteProperty(globalThis, 'navigator'));

const fetchFromNetwork = globalThis.fetch;
const root = new URL('..', import.meta.url);
globalThis.fetch = async (input, init) => {
  if (typeof input !== 'string' || !input.startsWith('/')) return fetchFromNetwork(input, init);
  return new Response(await readFile(new URL(`.${input.split('?')[0]}`, root)));
};
