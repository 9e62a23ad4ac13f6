import { defineConfig } from '@playwright/test';
import base from '../faults/faults.config';

/** `npm run verify:soak`: 20,000 steps, 2,000 checkpoints. */
export default defineConfig<{ soakSteps: number }>({
  ...base,
  testDir: '../faults',
  testMatch: 'soak.spec.ts',
  grepInvert: [],
  reporter: 'list',
  outputDir: '../../test-results/soak',
  use: { ...base.use, soakSteps: 20_000 },
});
