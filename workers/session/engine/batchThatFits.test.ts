import { expect, it } from 'vitest';
import type { MemoryProblem } from '../../api/memory';
import { batchThatFits } from './batchThatFits';

const needs = {
  memory: { weightBytes: 100, adapterBytes: 10, activationBytes: 800, totalBytes: 910 },
  largest: { label: '', bytes: 0 },
};
const batch = { perDeviceTrainBatchSize: 8, gradientAccumulationSteps: 1 };

/** Of 100 bytes a text. */
function problemWithin(limitBytes: number): MemoryProblem | null {
  const size = [8, 4, 2, 1].find((texts) => 110 + 100 * texts <= limitBytes);
  if (size === 8) return null;
  const settings = { perDeviceTrainBatchSize: size ?? 0, gradientAccumulationSteps: 8 / (size ?? 1) };
  return { message: '', limitBytes, remedies: size === undefined ? [] : [{ settings, memoryBytes: 110 + 100 * size }] };
}

function found(givenBytes: number | null, group = 'activations') {
  const asked: number[] = [];
  const roomFor = async (sizeBytes: number) => {
    asked.push(sizeBytes);
    return givenBytes;
  };
  return batchThatFits({ roomFor }, { details: { group } }, { batch, needs, problemWithin }).then((fits) => ({ fits, asked }));
}

it('finds the batch whose plan fits into what the device gives', async () => {
  expect(await found(300)).toEqual({ fits: { perDeviceTrainBatchSize: 2, gradientAccumulationSteps: 4 }, asked: [800] });
  expect((await found(450)).fits).toMatchObject({ perDeviceTrainBatchSize: 4 });
});

it('halves the batch where all of it seems to fit, or where the device is gone', async () => {
  expect((await found(800)).fits).toEqual({ perDeviceTrainBatchSize: 4, gradientAccumulationSteps: 2 });
  expect((await found(null)).fits).toEqual({ perDeviceTrainBatchSize: 4, gradientAccumulationSteps: 2 });
});

it('offers none where none fits, nor for what no batch makes smaller', async () => {
  expect((await found(50)).fits).toBeNull();
  expect(await found(300, 'weights')).toEqual({ fits: null, asked: [] });
  expect(await found(300, 'optimizer')).toEqual({ fits: null, asked: [] });
});
