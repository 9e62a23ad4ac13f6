import { targetTables } from '../data/targets';
import { differentiate } from '../engine/differentiate';
import { GraphBuilder, type Attributes, type Value } from '../engine/graph';
import { elementCount } from '../engine/shape';
import { differentiableOps, shapeRules } from '../ops/index';
import { CaseData, type OpCase } from '../ops/opCase';
import { ReferenceExecutor, type ReferenceBatch } from './referenceExecutor';

/** One element's gradient, by the backward graph and by finite differences. */
export interface GradientPair {
  byGraph: number[];
  byDifferences: number[];
}

const step = 1e-5;
const elementsPerInput = 24;

/**
 * The gradient of a random weighting of the op's first output with respect to each input of `testCase.gradients`, taken
 * from the graph that `differentiate` writes and from central differences, both on the references in double precision.
 */
export function gradientPairs(op: string, testCase: OpCase<Attributes>): Map<number, GradientPair> {
  const builder = new GraphBuilder(shapeRules);
  const parameters: number[] = [];
  const offsets = new Map<number, number>();
  const batch: ReferenceBatch & { inputs: Record<string, ArrayLike<number>> } = { ...testCase.counts, inputs: {} };
  const inputs = testCase.inputs.map((input, index): Value | null => {
    if (!input) return null;
    if (testCase.gradients.includes(index)) {
      offsets.set(index, parameters.length);
      for (const number of input.values) parameters.push(number);
      return builder.parameter(`input ${index}`, input.shape, offsets.get(index) ?? 0);
    }
    const name = input.kind === 'integers' ? input.name : `value${index}`;
    batch.inputs[name] = input.values;
    return builder.input(name, input.shape, input.kind === 'integers' ? 'i32' : 'f32');
  });
  batch.inputs['rowTargets'] ??= rowTargetsOf(testCase);
  const [first] = builder.add(op, inputs, testCase.attributes);
  if (!first) throw new Error(`${op} has no output.`);
  builder.output('out', first);
  const forward = builder.graph();

  // A loss starts its own backward pass: its gradient is 1.
  const weighting =
    op === 'crossEntropy' || op === 'headLoss' ? Float32Array.of(1) : new CaseData(77, testCase.counts).value(first.shape).values;
  batch.inputs['weighting'] = weighting;
  differentiate(builder, new Map([[first, builder.input('weighting', first.shape, 'f32')]]), differentiableOps);
  const executor = new ReferenceExecutor(new Map(), parameters);
  executor.run(builder.graph(), batch, testCase.step, false);

  const loss = (index: number, change: number): number => {
    const probe = new ReferenceExecutor(new Map(), parameters);
    probe.states.parameters[index]! += change;
    const out = probe.run(forward, batch, testCase.step, false).get('out') ?? new Float64Array(0);
    return out.reduce((sum, value, at) => sum + value * weighting[at]!, 0);
  };
  const pairs = new Map<number, GradientPair>();
  for (const [input, offset] of offsets) {
    const chosen = spread(elementCount(testCase.inputs[input]?.shape ?? [], testCase.counts)).map((element) => offset + element);
    pairs.set(input, {
      byGraph: chosen.map((at) => executor.states.gradients[at]!),
      byDifferences: chosen.map((at) => (loss(at, step) - loss(at, -step)) / (2 * step)),
    });
  }
  return pairs;
}

function spread(count: number): number[] {
  const taken = Math.min(count, elementsPerInput);
  return Array.from({ length: taken }, (_, index) => Math.floor((index * count) / taken));
}

/** For ops whose gradient asks for them, though they do not: as if all rows were one sequence. */
function rowTargetsOf({ counts, inputs }: OpCase<Attributes>): Int32Array {
  const pooled = inputs.find((input) => input?.kind === 'integers' && input.name === 'pooledRows');
  return targetTables(Int32Array.of(0, counts.tokens), Int32Array.from(pooled?.values ?? [])).rowTargets;
}
