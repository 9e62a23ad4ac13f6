// Builds the engine for Node, and finds the package `webgpu` and a Vulkan driver.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { ensureChromium } from '../../scripts/findChromium.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** Where the package `webgpu` has its index.js; installed first where it is absent. @returns {string} */
export function ensureWebgpu() {
  const index = join(here, 'node_modules/webgpu/index.js');
  if (existsSync(index)) return index;
  const installed = spawnSync('npm', ['ci', '--prefix', here], { stdio: 'inherit', shell: process.platform === 'win32' });
  if (installed.status === 0 && existsSync(index)) return index;
  throw new Error(`npm ci --prefix ${here} did not bring the package webgpu; --target dawn cannot run without it.`);
}

/**
 * Points VK_DRIVER_FILES at the software driver that Chromium's package brings, where no driver is named and Linux shows
 * no graphics device.
 */
export function chooseDriver() {
  if (process.platform !== 'linux' || process.env['VK_DRIVER_FILES'] || process.env['VK_ICD_FILENAMES']) return;
  if (existsSync('/dev/nvidiactl') || existsSync('/dev/dri')) return;
  const software = join(dirname(ensureChromium()), 'vk_swiftshader_icd.json');
  if (existsSync(software)) process.env['VK_DRIVER_FILES'] = software;
}

/**
 * Bundles dawn/main.ts with the whole engine into `outDir`/main.js, which needs nothing but Node.
 * @param {string} outDir
 * @returns {Promise<string>}
 */
export async function buildDawn(outDir) {
  await build({
    configFile: false,
    root: join(here, '../..'),
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: join(here, 'dawn/main.ts'),
      outDir,
      copyPublicDir: false,
      emptyOutDir: true,
      target: 'node20',
      // Readable, so that an error names its function.
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'main.js', format: 'es' } },
    },
  });
  return join(outDir, 'main.js');
}
