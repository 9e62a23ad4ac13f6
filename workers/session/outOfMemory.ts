import { TuneletError } from '../api/errors';
import { inWords } from './memoryProblem';
import type { RunInputs } from './runInputs';

/** Says of a full device which batch fits into what it had given; anything else as it was thrown. */
export function withRoomFor(thrown: unknown, { problemWithin }: Pick<RunInputs, 'problemWithin'>): unknown {
  if (!(thrown instanceof TuneletError) || thrown.code !== 'device/out-of-memory') return thrown;
  const { heldBytes } = thrown.details;
  const remedies = (typeof heldBytes === 'number' && problemWithin(heldBytes)?.remedies) || [];
  const [first] = remedies;
  if (!first) return thrown;
  const { perDeviceTrainBatchSize, gradientAccumulationSteps } = first.settings;
  return new TuneletError(thrown.code, thrown.message, `Use ${remedies.map(inWords).join(', or ')}, or close other tabs.`, {
    ...thrown.details,
    ...(perDeviceTrainBatchSize && gradientAccumulationSteps && { perDeviceTrainBatchSize, gradientAccumulationSteps }),
  });
}
