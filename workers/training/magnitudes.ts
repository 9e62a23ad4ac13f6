import type { Executor } from '../engine/executor';
import type { Graph, Value } from '../engine/graph';
import { idleStep } from '../engine/step';

/**
 * The parameters, and DoRA's magnitudes as they are at the start: the lengths of the rows they scale, as the executor holds the
 * weights. The executor must have weights and room for parameters; its parameters are overwritten.
 * @param evaluate a graph of the run
 * @param parameters with lora_B zero; returned as they are where the graph has no magnitudes
 */
export async function withMagnitudes(executor: Executor, evaluate: Graph, parameters: Float32Array): Promise<Float32Array> {
  const nodes = evaluate.nodes.filter(({ op }) => op === 'rowNorms');
  if (nodes.length === 0) return parameters;
  const outputs = new Map<string, Value>();
  for (const { op, inputs } of evaluate.nodes) {
    const [, magnitudes, norms] = inputs;
    if (op === 'scaleColumns' && norms && magnitudes?.role.kind === 'parameter')
      outputs.set(String(magnitudes.role.offset), norms);
  }
  executor.writeState('parameters', parameters);
  const one = { tokens: 1, sequences: 1 };
  const program = await executor.prepare({ nodes, outputs }, one);
  try {
    const readings = await program.run({ ...one, inputs: {} }, idleStep, false);
    const complete = parameters.slice();
    for (const [offset, norms] of readings) complete.set(norms, Number(offset));
    return complete;
  } finally {
    program.dispose();
  }
}
