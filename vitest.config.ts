import react from '@vitejs/plugin-react';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import packageJson from './package.json' with { type: 'json' };
import { chromiumLaunchOptions } from './scripts/findChromium.mjs';
import { isolationHeaders } from './scripts/securityPolicy.ts';
import { tfjsWasm } from './scripts/tfjsWasmPlugin.ts';

const hasDom = '**/*.browser.test.{ts,tsx}';
// About half of the compiling.
const ofOneBrowser = ['workers/ops/**/*.browser.test.ts'];
const elsewhere = ['**/node_modules/**', 'dist/**', 'e2e/**'];

// Read by testing/kernelSample.ts, in the browser too, where there is no environment.
const provide = { everyKernel: process.env['TUNELET_KERNELS'] === 'all' };

// Found while a test runs, a dependency would make Vite reload the page under it, so all are bundled beforehand.
const browserDependencies = Object.keys(packageJson.dependencies).filter((name) => !name.startsWith('@fontsource'));

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          include: ['{workers,src,scripts}/**/*.test.{ts,tsx}'],
          exclude: [...elsewhere, hasDom],
          testTimeout: 30_000,
          // No test changes what others share, and a process for each file takes longer than most files’ tests.
          isolate: false,
          // Vitest leaves one core idle unless told.
          maxWorkers: '100%',
        },
      },
      {
        // The kernel suites once more, by Dawn in Node, on the Vulkan driver that VK_DRIVER_FILES names.
        test: {
          name: 'dawn',
          provide,
          environment: 'node',
          include: ['workers/**/*.browser.test.ts'],
          exclude: [...elsewhere, '**/*tfjs*', '**/tfjs/**'],
          setupFiles: ['scripts/dawnSetup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Dawn's addon cannot be loaded by two threads of one process.
          pool: 'forks',
          fileParallelism: false,
        },
      },
      {
        plugins: [react(), tfjsWasm()],
        server: { headers: isolationHeaders },
        optimizeDeps: {
          include: [...browserDependencies, 'fast-check', 'react-dom/client', 'react/jsx-runtime', 'react/jsx-dev-runtime'],
        },
        worker: { format: 'es' },
        test: {
          name: 'browser',
          provide,
          include: [hasDom],
          exclude: elsewhere,
          // A software adapter compiles a kernel in seconds.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: chromiumLaunchOptions(process.env['TUNELET_GPU'] === 'hardware' ? 'hardware' : 'software'),
            }),
            // Two browsers side by side: each compiles kernels on one core.
            instances: [
              { browser: 'chromium', name: 'browser of ops', include: ofOneBrowser },
              { browser: 'chromium', name: 'browser of the rest', exclude: [...elsewhere, ...ofOneBrowser] },
            ],
          },
        },
      },
    ],
  },
});
