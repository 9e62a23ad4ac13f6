import type { TuneletError } from '../../api/errors';
import type { MemoryProblem } from '../../api/memory';
import { smallerBatchOf } from './deviceRecovery';
import type { EngineRoom } from './engineRoom';
import type { Batch } from '../plan/memoryProblem';
import type { RunNeeds } from '../plan/runMemory';

interface FullRun {
  batch: Batch;
  needs: RunNeeds;
  /** As `RunInputs` has it. */
  problemWithin(limitBytes: number): MemoryProblem | null;
}

/** After a device was full: the batch, of as many texts a step, whose plan fits into what the device gives; null where none does. */
export async function batchThatFits(
  room: Pick<EngineRoom, 'roomFor'>,
  { details }: Pick<TuneletError, 'details'>,
  { batch, needs, problemWithin }: FullRun,
): Promise<Batch | null> {
  const { group } = details;
  // They are as large whatever the batch is.
  if (group === 'weights' || group === 'optimizer') return null;
  const { weightBytes, adapterBytes, activationBytes } = needs.memory;
  const givenBytes = await room.roomFor(activationBytes);
  // It refused a command, and is gone.
  if (givenBytes === null) return smallerBatchOf(batch);
  const problem = problemWithin(weightBytes + adapterBytes + givenBytes);
  if (problem === null) return smallerBatchOf(batch);
  for (const { settings } of problem.remedies) {
    const { perDeviceTrainBatchSize = Infinity, gradientAccumulationSteps, gradientCheckpointing } = settings;
    const isSmaller = perDeviceTrainBatchSize < batch.perDeviceTrainBatchSize && gradientCheckpointing === undefined;
    if (isSmaller && gradientAccumulationSteps !== undefined) return { perDeviceTrainBatchSize, gradientAccumulationSteps };
  }
  return null;
}
