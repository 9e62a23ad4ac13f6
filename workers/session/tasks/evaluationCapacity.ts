import type { Executor } from '../../engine/executor';
import type { Graph } from '../../engine/graph';
import { planMemory } from '../../engine/memoryPlan';
import type { Counts } from '../../engine/shape';
import type { TaskGraphs } from './runEngine';

/** Evaluation has no backward pass: it may take more texts at once than training, for speed. */
const usualEvaluation = { tokens: 2048, sequences: 64 };

/** Room for one text of the greatest length, and for as many at once as need no more memory than training does. */
export function evaluationCapacityFor(graphs: TaskGraphs, training: Counts, maxLength: number): Counts {
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

/** On the processor a batch takes seconds; a stop, a pause and the count of texts wait for it. */
const processorTokens = 512;

/** Tokens of texts that an evaluation runs at once, where none alone has more. */
export function tokensAtOnce(engine: { executor: Pick<Executor, 'kind'>; evaluationCapacity: Counts }): number {
  const { tokens } = engine.evaluationCapacity;
  return engine.executor.kind === 'wasm' ? Math.min(processorTokens, tokens) : tokens;
}

/** Bytes of all intermediate values of a pass, by their lifetimes. */
export function arenaBytes(graph: Graph, counts: Counts): number {
  return planMemory(graph, counts, Infinity).arenaBytes.reduce((sum, bytes) => sum + bytes, 0);
}
