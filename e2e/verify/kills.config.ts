import { defineConfig } from '@playwright/test';
import base from '../faults/faults.config';

/** `npm run verify:kills`: a page killed 100 times. */
export default defineConfig<{ kills: number }>({
  ...base,
  testDir: '../faults',
  testMatch: 'kills.spec.ts',
  reporter: 'list',
  outputDir: '../../test-results/kills',
  use: { ...base.use, kills: 100 },
});
