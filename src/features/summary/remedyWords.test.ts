import { expect, it } from 'vitest';
import { remedyWords } from './remedyWords';

it('names the change that a button makes', () => {
  const memoryBytes = 1e9;
  const batch = { perDeviceTrainBatchSize: 4, gradientAccumulationSteps: 2 };
  expect(remedyWords({ settings: batch, memoryBytes })).toBe('Use batch size 4 with 2 accumulation steps');
  expect(remedyWords({ settings: { gradientCheckpointing: true }, memoryBytes })).toBe('Recompute activations');
  expect(remedyWords({ settings: { ...batch, gradientCheckpointing: true }, memoryBytes })).toBe(
    'Use batch size 4 with 2 accumulation steps and recompute activations',
  );
});
