import type { TrainingSettings } from '../../api/settings';
import type { MemoryChoice, MemoryEstimate } from '../../api/memory';
import { GraphBuilder, type WeightStorage } from '../../engine/graph';
import { ParameterLayout } from '../../engine/parameters';
import type { BaseModel } from '../../models/architecture';
import { shapeRules } from '../../ops/index';
import { buildClassifierGraphs } from '../../training/graphs';
import type { Device } from '../device';
import { fits, limitsOf, wantsCheckpointing } from './memoryProblem';
import { runNeeds, weightBytesOf, type RunNeeds } from './runMemory';
import { evaluationCapacityFor } from '../tasks/evaluationCapacity';
import { computesInHalves, type PlannedRun } from './runPlan';
import { bodyPlan } from '../tasks/runTask';

type Planned = Pick<PlannedRun, 'graphs' | 'needs'>;

const storages = ['float16', 'int8', 'int4'] as const;

/**
 * What a run would hold under each way to store its frozen weights; graphs are built of the configuration alone, and only the
 * weights differ from one storage to the next.
 * @param planWith plans the run with gradient checkpointing or without; null where there is no data yet
 */
export function estimateMemory(
  base: BaseModel,
  settings: TrainingSettings,
  planWith: ((gradientCheckpointing: boolean) => Planned) | null,
  device: Device,
  userBytes: number | null,
): MemoryEstimate {
  const plans = new Map<boolean, Planned>();
  const planned = (again: boolean): Planned => {
    const plan = plans.get(again) ?? (planWith ? planWith(again) : planWithoutData(base, settings, again, device));
    plans.set(again, plan);
    return plan;
  };
  const limits = limitsOf(device, userBytes);
  const choiceOf = (weightStorage: WeightStorage): MemoryChoice => {
    const storage = storageOfTensors(base, settings, weightStorage);
    const needsWith = (again: boolean): RunNeeds => {
      const { graphs, needs } = planned(again);
      const { adapterBytes, activationBytes } = needs.memory;
      const weightBytes = weightBytesOf(graphs, device, ({ tensor }) => storage.get(tensor) ?? weightStorage);
      const totalBytes = weightBytes + adapterBytes + activationBytes;
      return { ...needs, memory: { weightBytes, adapterBytes, activationBytes, totalBytes } };
    };
    const asked = settings.gradientCheckpointing;
    const gradientCheckpointing = asked === 'auto' ? wantsCheckpointing(needsWith(false), () => needsWith(true), limits) : asked;
    const needs = needsWith(gradientCheckpointing);
    return { weightStorage, memory: needs.memory, gradientCheckpointing, fits: fits(needs, limits) };
  };
  const asked = settings.weightStorage === 'float32' ? (['float32', ...storages] as const) : storages;
  const { totalBytes, owner } = limits;
  return { choices: asked.map(choiceOf), limitBytes: totalBytes, limitOwner: owner, isOfData: planWith !== null };
}

/** How the model's body stores each tensor when it is asked for a storage: some are never coarser than float16. */
function storageOfTensors(base: BaseModel, settings: TrainingSettings, storage: WeightStorage): Map<string, WeightStorage> {
  const graph = new GraphBuilder(shapeRules);
  base.buildHidden(graph, { ...bodyPlan(settings, base), storage }, new ParameterLayout());
  const found = new Map<string, WeightStorage>();
  for (const { inputs } of graph.graph().nodes) {
    for (const value of inputs) if (value?.role.kind === 'weight') found.set(value.role.tensor, value.role.storage);
  }
  return found;
}

/** Every text has `max_length` tokens, and there are two classes. */
function planWithoutData(base: BaseModel, settings: TrainingSettings, gradientCheckpointing: boolean, device: Device): Planned {
  const { perDeviceTrainBatchSize: sequences, maxLength } = settings;
  const plan = { ...bodyPlan(settings, base), labelCount: 2 };
  const graphs = buildClassifierGraphs(base, plan, { gradientCheckpointing, fp16: computesInHalves(settings, device) });
  const training = { tokens: sequences * maxLength, sequences };
  return { graphs, needs: runNeeds(graphs, training, evaluationCapacityFor(graphs, training, maxLength), device) };
}
