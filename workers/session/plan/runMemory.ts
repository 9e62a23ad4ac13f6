import type { RunMemory } from '../../api/memory';
import type { Graph, Role, Value, WeightStorage } from '../../engine/graph';
import { elementCount, type Counts } from '../../engine/shape';
import { bytesHeld, heldAs } from '../../engine/weightStorage';
import { hasSimd } from '../../engine/wasm/features';
import type { Device } from '../device';
import { arenaBytes } from '../tasks/evaluationCapacity';
import type { TaskGraphs } from '../tasks/runEngine';

/** Bytes of a run, before anything is loaded; what the executors will hold. */
export interface RunNeeds {
  memory: RunMemory;
  /** The largest thing that one kernel must reach as a whole; large tables are cut. */
  largest: { label: string; bytes: number };
}

type WeightRole = Role & { kind: 'weight' };

/** Parameters, gradients and AdamW's two moments. */
const copiesOfParameters = 4;
const noBatch = { tokens: 0, sequences: 0 };

export function runNeeds(graphs: TaskGraphs, training: Counts, evaluation: Counts, device: Device): RunNeeds {
  const weightBytes = weightBytesOf(graphs, device);
  const adapterBytes = copiesOfParameters * 4 * graphs.layout.size;
  const { generation } = graphs;
  // Programs never run at once and share their arenas; what is generated from stays between them.
  const writing = generation ? arenaBytes(generation.prefill, generation.capacity) : 0;
  const arenas = Math.max(arenaBytes(graphs.train, training), arenaBytes(graphs.evaluate, evaluation), writing);
  const cacheBytes = (generation?.caches ?? []).reduce((sum, { shape }) => sum + 4 * elementCount(shape, noBatch), 0);
  const activationBytes = arenas + cacheBytes;
  return {
    memory: { weightBytes, adapterBytes, activationBytes, totalBytes: weightBytes + adapterBytes + activationBytes },
    largest: largestOf([
      { label: 'The flat buffer of trained numbers', bytes: 4 * graphs.layout.size },
      ...intermediates(graphs.train, training),
      ...intermediates(graphs.evaluate, evaluation),
      ...(generation ? intermediates(generation.prefill, generation.capacity) : []),
    ]),
  };
}

/** What frozen weights take; `storageOf` says how each would be stored instead. */
export function weightBytesOf(graphs: TaskGraphs, device: Device, storageOf?: (role: WeightRole) => WeightStorage): number {
  const onProcessor = device.report.executor === 'wasm';
  const stored = (value: Value): Value =>
    storageOf && value.role.kind === 'weight' ? { ...value, role: { ...value.role, storage: storageOf(value.role) } } : value;
  return weightUses(graphs).reduce((sum, use) => sum + bytesOfWeight({ ...use, value: stored(use.value) }, onProcessor), 0);
}

interface WeightUse {
  value: Value;
  /** Some op wants it for more than looking up rows. */
  isMultiplied: boolean;
  /** Some op looks up its rows, so that it lies there as it came. */
  isLookedUp: boolean;
}

/** The frozen weights that a run's graphs read, each once. */
export function weightsOf(graphs: TaskGraphs): Value[] {
  return weightUses(graphs).map(({ value }) => value);
}

/** Says of two weights whether they are the same, and of two runs whether they need the same. */
export function weightKey({ role }: Value): string {
  return role.kind === 'weight' ? `${role.tensor} ${role.columns?.join('-') ?? 'all'} ${role.storage}` : '';
}

function weightUses({ train, evaluate, generation }: TaskGraphs): WeightUse[] {
  const uses = new Map<string, WeightUse>();
  for (const graph of [train, evaluate, ...(generation ? [generation.prefill] : [])]) {
    for (const { op, inputs } of graph.nodes) {
      for (const value of inputs) {
        if (value?.role.kind !== 'weight') continue;
        const use = uses.get(weightKey(value)) ?? { value, isMultiplied: false, isLookedUp: false };
        use[op === 'embedding' ? 'isLookedUp' : 'isMultiplied'] = true;
        uses.set(weightKey(value), use);
      }
    }
  }
  return [...uses.values()];
}

function intermediates(graph: Graph, counts: Counts): { label: string; bytes: number }[] {
  return graph.nodes.flatMap((node) =>
    node.outputs
      .filter(({ role }) => role.kind === 'intermediate')
      .map(({ label, shape, type }) => ({
        label: `An intermediate value (${label})`,
        bytes: elementCount(shape, counts) * (type === 'f16' ? 2 : 4),
      })),
  );
}

function largestOf(things: readonly { label: string; bytes: number }[]): { label: string; bytes: number } {
  return things.reduce((largest, thing) => (thing.bytes > largest.bytes ? thing : largest), { label: '', bytes: 0 });
}

function bytesOfWeight({ value, isMultiplied, isLookedUp }: WeightUse, onProcessor: boolean): number {
  const { shape } = value;
  const isMatrix = shape.length === 2 && isMultiplied;
  const bytesOnProcessor = isMatrix ? bytesOfMatrixNumber() + (isLookedUp ? 4 : 0) : 4;
  const count = elementCount(shape, noBatch);
  return onProcessor ? count * bytesOnProcessor : bytesHeld(heldAs(value), count);
}

/**
 * On the processor a matrix is float32, with a transposed copy for the backward pass; TensorFlow.js packs each of both once more
 * for its multiplication. Tables are only looked up.
 */
export function bytesOfMatrixNumber(): number {
  return hasSimd() ? 8 : 16;
}
