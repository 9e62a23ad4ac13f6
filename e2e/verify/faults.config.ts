import { defineConfig } from '@playwright/test';
import base from '../faults/faults.config';

/** `npm run verify:faults`: every fault, also those that take minutes. */
export default defineConfig({
  ...base,
  testDir: '../faults',
  grepInvert: [],
  reporter: 'list',
  outputDir: '../../test-results/verify-faults',
  timeout: 15 * 60_000,
});
