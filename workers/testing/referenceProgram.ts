import type { Batch, Executor, Program, Readings } from '../engine/executor';
import type { Graph, StateName } from '../engine/graph';
import { numbersOf } from '../engine/quantisedBlocks';
import type { StepValues } from '../engine/step';
import { ReferenceExecutor, type ReferenceWeight } from './referenceExecutor';

/** The double-precision references behind the executors' own interface, for tests that compare whole runs. */
export function createReferenceExecutor(): Executor {
  const weights = new Map<string, ReferenceWeight>();
  let reference = new ReferenceExecutor(weights);
  const program = (graph: Graph): Program => ({
    arenaBytes: 0,
    lastRun: null,
    async run(batch: Batch, step: StepValues, update: boolean): Promise<Readings> {
      return new Map([...reference.run(graph, batch, step, update)].map(([name, values]) => [name, Float32Array.from(values)]));
    },
    dispose() {},
  });
  return {
    kind: 'wasm',
    memoryBytes: 0,
    lost: new Promise<string>(() => {}),
    allocateWeights() {},
    writeWeights: ({ tensor, rowLength, values }) => weights.set(tensor, { columns: rowLength, values: numbersOf(values) }),
    async finishWeights() {},
    allocateParameters: (size) => (reference = new ReferenceExecutor(weights, new Float64Array(size))),
    allocateCaches() {},
    readState: async (name: StateName) => Float32Array.from(reference.states[name]),
    writeState: (name: StateName, values) => reference.states[name].set(values),
    prepare: async (graph) => program(graph),
    dispose() {},
  };
}
