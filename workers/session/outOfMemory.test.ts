import { expect, it } from 'vitest';
import { TuneletError } from '../api/errors';
import type { MemoryProblem } from '../api/memory';
import { withRoomFor } from './outOfMemory';

const full = new TuneletError('device/out-of-memory', 'There was no room.', 'Use a smaller batch.', {
  group: 'activations',
  sizeBytes: 900,
  heldBytes: 400,
});

it('says of a full device which batch fits into what it had given', () => {
  const asked: number[] = [];
  const problemWithin = (limitBytes: number): MemoryProblem => {
    asked.push(limitBytes);
    const settings = { perDeviceTrainBatchSize: 2, gradientAccumulationSteps: 4 };
    return { message: '', limitBytes, remedies: [{ settings, memoryBytes: 3.5e8 }] };
  };
  expect(withRoomFor(full, { problemWithin })).toMatchObject({
    code: 'device/out-of-memory',
    remedy: 'Use per_device_train_batch_size 2 with gradient_accumulation_steps 4 (350 MB), or close other tabs.',
    details: { group: 'activations', heldBytes: 400, perDeviceTrainBatchSize: 2, gradientAccumulationSteps: 4 },
  });
  expect(asked).toEqual([400]);
});

it('leaves everything else as it was thrown', () => {
  const other = new TuneletError('device/lost', 'Gone.', 'Wait.');
  expect(withRoomFor(other, { problemWithin: () => null })).toBe(other);
  expect(withRoomFor(full, { problemWithin: () => ({ message: '', limitBytes: 400, remedies: [] }) })).toBe(full);
});
