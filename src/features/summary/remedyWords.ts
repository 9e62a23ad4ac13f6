import type { MemoryRemedy } from '../../../workers/api/memory';
import { plural } from '../../ui/format';

/** "Use batch size 4 with 2 accumulation steps". */
export function remedyWords({ settings }: MemoryRemedy): string {
  const { perDeviceTrainBatchSize: batchSize, gradientAccumulationSteps: steps = 1, gradientCheckpointing } = settings;
  if (batchSize === undefined) return 'Recompute activations';
  const batch = `Use batch size ${batchSize} with ${plural(steps, 'accumulation step')}`;
  return gradientCheckpointing ? `${batch} and recompute activations` : batch;
}
