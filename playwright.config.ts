import { defineConfig } from '@playwright/test';
import { chromiumLaunchOptions } from './scripts/findChromium.mjs';

const port = 4391;

/** User journeys on the built page: `vite build` comes first, `npm run test:e2e` does both. */
export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  // `npm run test:faults` runs these.
  testIgnore: ['**/faults/**', '**/predict/**'],
  outputDir: 'test-results/e2e',
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  // Journeys wait as long as they compute: two at once fill the two cores that CI has.
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env['CI']),
  timeout: 180_000,
  expect: { timeout: 20_000 },
  use: {
    baseURL: `http://localhost:${port}/`,
    browserName: 'chromium',
    headless: true,
    launchOptions: chromiumLaunchOptions(),
    viewport: { width: 1280, height: 900 },
    actionTimeout: 20_000,
    trace: 'off',
    screenshot: 'off',
    video: 'off',
  },
  webServer: {
    command: `npx vite preview --port ${port} --strictPort`,
    url: `http://localhost:${port}/`,
    reuseExistingServer: false,
    timeout: 60_000,
  },
});
