import type { RunMemory } from '../api/trainerApi';
import type { Graph, Value } from '../engine/graph';
import { planMemory } from '../engine/memoryPlan';
import { elementCount, type Counts } from '../engine/shape';
import { bytesHeld, heldAs } from '../engine/weightStorage';
import { hasSimd } from '../engine/wasm/features';
import type { ClassifierGraphs } from '../training/graphs';
import type { Device } from './device';

/** Bytes of a run, before anything is loaded; what the executors will hold. */
export interface RunNeeds {
  memory: RunMemory;
  /** The largest thing that one kernel must reach as a whole; large tables are cut. */
  largest: { label: string; bytes: number };
}

/** Parameters, gradients and AdamW's two moments. */
const copiesOfParameters = 4;
const noBatch = { tokens: 0, sequences: 0 };

export function runNeeds(graphs: ClassifierGraphs, training: Counts, evaluation: Counts, device: Device): RunNeeds {
  const onProcessor = device.report.executor === 'wasm';
  const weights = weightsOf(graphs.train);
  const weightBytes = weights.reduce((sum, weight) => sum + bytesOfWeight(weight, onProcessor), 0);
  const adapterBytes = copiesOfParameters * 4 * graphs.layout.size;
  // The two programs never run at once and share their arenas.
  const activationBytes = Math.max(arenaBytes(graphs.train, training), arenaBytes(graphs.evaluate, evaluation));
  return {
    memory: { weightBytes, adapterBytes, activationBytes, totalBytes: weightBytes + adapterBytes + activationBytes },
    largest: largestOf([
      { label: 'The flat buffer of trained numbers', bytes: 4 * graphs.layout.size },
      ...intermediates(graphs.train, training),
      ...intermediates(graphs.evaluate, evaluation),
    ]),
  };
}

/** Evaluation has no backward pass: it may take more texts at once than training, for speed. */
const usualEvaluation = { tokens: 2048, sequences: 64 };

/** Room for one text of the greatest length, and for as many at once as need no more memory than training does. */
export function evaluationCapacityFor(graphs: ClassifierGraphs, training: Counts, maxLength: number): Counts {
  const sequences = Math.max(training.sequences, usualEvaluation.sequences);
  const allowedBytes = arenaBytes(graphs.train, training);
  let tokens = Math.max(training.tokens, maxLength, usualEvaluation.tokens);
  let bytes = arenaBytes(graphs.evaluate, { tokens, sequences });
  while (bytes > allowedBytes && tokens > maxLength) {
    tokens = Math.max(maxLength, Math.floor(tokens * Math.min(0.95, allowedBytes / bytes)));
    bytes = arenaBytes(graphs.evaluate, { tokens, sequences: Math.min(sequences, tokens) });
  }
  return { tokens, sequences: Math.min(sequences, tokens) };
}

/** The frozen weights that a graph reads, each once. */
export function weightsOf(graph: Graph): Value[] {
  return [
    ...new Set(graph.nodes.flatMap((node) => node.inputs.filter((input): input is Value => input?.role.kind === 'weight'))),
  ];
}

function arenaBytes(graph: Graph, counts: Counts): number {
  return planMemory(graph, counts, Infinity).arenaBytes.reduce((sum, bytes) => sum + bytes, 0);
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

function bytesOfWeight(value: Value, onProcessor: boolean): number {
  const { role, shape } = value;
  const matrix = shape.length === 2 && role.kind === 'weight';
  // On the processor a matrix is float32, with a transposed copy for the backward pass; TensorFlow.js packs each of both once
  // more for its multiplication. Tables are only looked up.
  const isTable = matrix && (role.tensor === 'wte.weight' || role.tensor === 'wpe.weight');
  const bytesOnProcessor = matrix && !isTable ? (hasSimd() ? 8 : 16) : 4;
  const count = elementCount(shape, noBatch);
  return onProcessor ? count * bytesOnProcessor : bytesHeld(heldAs(value), count);
}
