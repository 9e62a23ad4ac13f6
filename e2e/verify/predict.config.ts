import { defineConfig } from '@playwright/test';
import base from '../faults/faults.config';

/** `npm run verify:predict`: 20,000 rows labelled in Chromium, stopped and gone on with, beside PyTorch where it is installed. */
export default defineConfig({
  ...base,
  testDir: '../predict',
  reporter: 'list',
  outputDir: '../../test-results/predict',
  timeout: 30 * 60_000,
});
