import { defineConfig } from '@playwright/test';
import base from '../../playwright.config';

const port = 4395;

/** `npm run test:faults`: what goes wrong on purpose, on the built page. */
export default defineConfig({
  ...base,
  testDir: '.',
  testIgnore: [],
  // What takes minutes is for `npm run verify:faults`.
  grepInvert: /@whole/,
  outputDir: '../../test-results/faults',
  reporter: [['list'], ['json', { outputFile: '../../test-results/faults.json' }]],
  use: { ...base.use, baseURL: `http://localhost:${port}/` },
  webServer: {
    command: `npx vite preview --port ${port} --strictPort`,
    cwd: '../..',
    url: `http://localhost:${port}/`,
    reuseExistingServer: false,
    timeout: 60_000,
  },
});
