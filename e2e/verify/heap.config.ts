import { defineConfig } from '@playwright/test';
import base from '../faults/faults.config';

/** `npm run verify:heap`: the journeys of heap.spec.ts with a file of 1 GB, and merged.spec.ts with a merged model of 2.2 GB. */
export default defineConfig<{ weightsMegabytes: number; mergedMegabytes: number }>({
  ...base,
  testDir: '..',
  testMatch: ['heap.spec.ts', 'merged.spec.ts'],
  reporter: 'list',
  outputDir: '../../test-results/heap',
  timeout: 30 * 60_000,
  use: { ...base.use, weightsMegabytes: 1000, mergedMegabytes: 2200 },
});
