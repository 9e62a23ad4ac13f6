import type { Batch } from '../engine/executor';
import { GraphBuilder, type Attributes, type Graph, type StateName, type Value } from '../engine/graph';
import { shapeRules } from '../ops/index';
import type { CaseInput, OpCase } from '../ops/opCase';

/** A test case as an executor takes it. */
export interface CaseGraph {
  graph: Graph;
  batch: Batch;
  /** Tensors to allocate and write, with their numbers. */
  weights: { value: Value; values: Float32Array }[];
  /** Numbers to write into the flat buffers first, and buffers to compare afterwards. Only adamW has any. */
  states: Map<StateName, Float32Array>;
}

const adamWStates: readonly StateName[] = ['parameters', 'gradients', 'firstMoment', 'secondMoment'];

/**
 * One node as a graph. Values become batch inputs of type f32, whose bits travel as integers; adamW's become the flat
 * buffers that it works on. Outputs are named `out0`, `out1`, …
 */
export function caseGraph(op: string, testCase: OpCase<Attributes>): CaseGraph {
  const builder = new GraphBuilder(shapeRules);
  const inputs: Record<string, Int32Array> = {};
  const weights: CaseGraph['weights'] = [];
  const states: CaseGraph['states'] = new Map();
  const declare = (input: CaseInput, index: number): Value => {
    if (input.kind === 'integers') {
      inputs[input.name] = input.values;
      return builder.input(input.name, input.shape);
    }
    if (input.kind === 'weight') {
      const value = builder.weight(`weight${index}`, input.shape, 'float32');
      weights.push({ value, values: input.values });
      return value;
    }
    const state = op === 'adamW' ? adamWStates[index] : undefined;
    if (state) {
      states.set(state, input.values);
      return builder.state(state, input.values.length);
    }
    inputs[`value${index}`] = new Int32Array(input.values.buffer, input.values.byteOffset, input.values.length);
    return builder.input(`value${index}`, input.shape, 'f32');
  };
  const values = testCase.inputs.map((input, index) => input && declare(input, index));
  if (op === 'adamW') {
    const written = (['parameters', 'firstMoment', 'secondMoment'] as const).map((name) =>
      builder.state(name, states.get(name)?.length ?? 0),
    );
    builder.into(op, values, written, testCase.attributes);
  } else {
    builder.add(op, values, testCase.attributes).forEach((output, index) => builder.output(`out${index}`, output));
  }
  return { graph: builder.graph(), batch: { ...testCase.counts, inputs }, weights, states };
}
