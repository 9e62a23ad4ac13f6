import { TuneletError } from '../../api/errors';
import type { MemoryProblem, MemoryRemedy } from '../../api/memory';
import type { TrainingSettings } from '../../api/settings';
import type { Device } from '../device';
import type { RunNeeds } from './runMemory';

/** What a run may take. */
export interface MemoryLimits {
  /** In all; null: nothing is known. */
  totalBytes: number | null;
  /** Whose limit that is. */
  owner: 'user' | 'processor';
  /** What one kernel reaches; null: anything. */
  bindingBytes: number | null;
}

/** WebAssembly's address space, less what the page and the runtime need. */
const wasmLimitBytes = 3.5 * 2 ** 30;

/** The tighter of the user's limit and the device's own. */
export function limitsOf(device: Device, userBytes: number | null): MemoryLimits {
  const bindingBytes = device.limits && Math.min(device.limits.bufferBytes, device.limits.bindingBytes);
  const ownBytes = device.report.executor === 'wasm' ? wasmLimitBytes : null;
  const isUsers = userBytes !== null && (ownBytes === null || userBytes < ownBytes);
  return { totalBytes: isUsers ? userBytes : ownBytes, owner: isUsers ? 'user' : 'processor', bindingBytes };
}

export function fits({ memory, largest }: RunNeeds, { totalBytes, bindingBytes }: MemoryLimits): boolean {
  return memory.totalBytes <= (totalBytes ?? Infinity) && largest.bytes <= (bindingBytes ?? Infinity);
}

/** What a run may take before activations are computed again by themselves, where neither user nor device name a limit. */
const usualBytes = 4e9;
/** The least share of a run's memory that is worth the time. */
const worthSaving = 0.1;

/** Whether a run that does not fit as it is, and needs `again()` with gradient checkpointing, had better have it. */
export function wantsCheckpointing(needs: RunNeeds, again: () => RunNeeds, limits: MemoryLimits): boolean {
  const bound = { ...limits, totalBytes: limits.totalBytes ?? usualBytes };
  if (fits(needs, bound)) return false;
  const less = again();
  return fits(less, bound) || less.memory.totalBytes <= (1 - worthSaving) * needs.memory.totalBytes;
}

/**
 * Why a run does not fit and the changes of settings under which it does, the gentlest first; null where it fits.
 * `needsOf` plans the run with other settings.
 */
export function memoryProblem(
  needs: RunNeeds,
  settings: TrainingSettings,
  limits: MemoryLimits,
  needsOf: (settings: TrainingSettings) => RunNeeds,
): MemoryProblem | null {
  if (fits(needs, limits)) return null;
  const remedy = (changes: MemoryRemedy['settings']): MemoryRemedy | null => {
    const changed = needsOf({ ...settings, ...changes });
    return fits(changed, limits) ? { settings: changes, memoryBytes: changed.memory.totalBytes } : null;
  };
  const smaller = largestThatFits(batchesOfSameEffect(settings), remedy);
  // 'auto' has tried it, and does so with each batch.
  const again = settings.gradientCheckpointing === false ? { gradientCheckpointing: true } : null;
  const recomputing = again && remedy(again);
  const both = smaller || recomputing || !again ? null : largestThatFits(batchesOfSameEffect(settings), (batch) => remedy({ ...batch, ...again })); // prettier-ignore
  return {
    message: describe(needs, limits),
    limitBytes: limits.totalBytes ?? limits.bindingBytes ?? 0,
    remedies: [smaller, recomputing, both].filter((found) => found !== null),
  };
}

/** The refusal of a run, with its remedies in words. */
export function memoryError(problem: MemoryProblem, needs: RunNeeds): TuneletError {
  const [first] = problem.remedies;
  const ways = problem.remedies.map(inWords);
  return new TuneletError(
    'run/too-much-memory',
    problem.message,
    ways.length > 0
      ? `Use ${ways.join(', or ')}.`
      : 'No smaller batch helps. Choose a shorter max_length or a smaller model, or raise the memory limit where one is set.',
    {
      bytes: needs.memory.totalBytes,
      limitBytes: problem.limitBytes,
      ...(first?.settings.perDeviceTrainBatchSize && { batchSize: first.settings.perDeviceTrainBatchSize }),
    },
  );
}

/** "per_device_train_batch_size 4 with gradient_accumulation_steps 2 (312 MB)". */
export function inWords({ settings, memoryBytes }: MemoryRemedy): string {
  const parts = [
    settings.perDeviceTrainBatchSize &&
      `per_device_train_batch_size ${settings.perDeviceTrainBatchSize} with gradient_accumulation_steps ${settings.gradientAccumulationSteps}`,
    settings.gradientCheckpointing && 'gradient_checkpointing',
  ].filter(Boolean);
  return `${parts.join(' and ')} (${inBytes(memoryBytes)})`;
}

/** How a step's texts are divided. */
export type Batch = Pick<TrainingSettings, 'perDeviceTrainBatchSize' | 'gradientAccumulationSteps'>;

/** Smaller batches that add up to the same number of texts a step, the largest first. */
export function batchesOfSameEffect({ perDeviceTrainBatchSize, gradientAccumulationSteps }: Batch): Batch[] {
  const texts = perDeviceTrainBatchSize * gradientAccumulationSteps;
  const batches: Batch[] = [];
  for (let size = perDeviceTrainBatchSize - 1; size >= 1; size--)
    if (texts % size === 0) batches.push({ perDeviceTrainBatchSize: size, gradientAccumulationSteps: texts / size });
  return batches;
}

/** A smaller batch needs no more than a larger one, so that few are tried. */
function largestThatFits(batches: readonly Batch[], attempt: (batch: Batch) => MemoryRemedy | null): MemoryRemedy | null {
  let found: MemoryRemedy | null = null;
  let from = 0;
  let to = batches.length;
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const batch = batches[middle];
    const remedy = batch ? attempt(batch) : null;
    if (remedy) [found, to] = [remedy, middle];
    else from = middle + 1;
  }
  return found;
}

function describe({ memory, largest }: RunNeeds, { totalBytes, owner, bindingBytes }: MemoryLimits): string {
  if (totalBytes === null || memory.totalBytes <= totalBytes) {
    return `This run does not fit the device. ${largest.label} takes ${inBytes(largest.bytes)}; a kernel of this device reaches ${inBytes(bindingBytes ?? 0)}.`;
  }
  const limit = owner === 'user' ? `the memory limit of ${inBytes(totalBytes)}` : `the ${inBytes(totalBytes)} that WebAssembly has room for`; // prettier-ignore
  return (
    `This run needs ${inBytes(memory.totalBytes)} of memory, more than ${limit}. ` +
    `Weights take ${inBytes(memory.weightBytes)}, adapter and optimizer ${inBytes(memory.adapterBytes)}, activations ${inBytes(memory.activationBytes)}.`
  );
}

function inBytes(bytes: number): string {
  return bytes >= 999.5e6 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(bytes < 9.95e6 ? 1 : 0)} MB`;
}
