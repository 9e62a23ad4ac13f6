import { defineConfig } from '@playwright/test';
import base from '../../playwright.config';

/** `npm run verify:heap`: the journeys of heap.spec.ts with a file of 1 GB. */
export default defineConfig<{ weightsMegabytes: number }>({
  ...base,
  testDir: '..',
  testMatch: 'heap.spec.ts',
  reporter: 'list',
  outputDir: '../../test-results/heap',
  timeout: 30 * 60_000,
  use: { ...base.use, weightsMegabytes: 1000 },
});
