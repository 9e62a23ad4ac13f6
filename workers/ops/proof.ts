import type { Attributes, Node } from '../engine/graph';
import type { DeviceTraits, Kernel, KernelChoice, KernelMaker } from '../engine/wgsl/kernel';
import { type ProofSource, type ProofTrial, sourcesOf } from '../engine/wgsl/kernelProof';
import { casesOfHeadSize } from './attentionSizes';
import { caseNodeLike, type CaseNode } from './caseNode';
import { caseReference } from './caseReference';
import { opCases } from './cases';
import { isOpName } from './index';
import type { OpCase } from './opCase';

/** Sums of a few hundred float32 products. */
const floatTolerance = 2e-5;

/** A float16 has 11 bits and a device may round either way: 2^-10 of the number. */
const halfTolerance = 2 ** -10 + floatTolerance;

/**
 * Where a kernel multiplies in float16: both operands and the product are rounded, each by 2^-11 at most, and in the cases
 * the sum of all products' sizes is at most three times the largest result.
 */
const halfProductTolerance = 3 * 3 * 2 ** -11;

/** Proofs from the ops' test cases. */
export const proofSource: ProofSource = {
  trialOf(node, kernels, op, device) {
    const found = provingCase(node, kernels, op, device);
    return found && trialOf(found.made, found.kernels);
  },
};

/** The first case for which `op` makes the node's `kernels`, source for source; null where none does. */
export function provingCase(
  node: Node,
  kernels: readonly Kernel[],
  op: KernelMaker,
  device: DeviceTraits,
): { made: CaseNode; kernels: Kernel[] } | null {
  const wanted = sourcesOf(kernels);
  for (const testCase of casesOf(node)) {
    const made = caseNodeLike(node, testCase);
    const own = made && kernelsLike(op, made, wanted, device);
    if (made && own) return { made, kernels: own };
  }
  return null;
}

/** Those of the suites first; more are made only where none of them will do. */
function* casesOf(node: Node): Generator<OpCase<Attributes>> {
  if (!isOpName(node.op)) return;
  const cases: readonly OpCase<Attributes>[] = opCases[node.op];
  yield* cases.filter(hasOddRows);
  yield* casesOfHeadSize(node);
}

/** A single row leaves most of a kernel's threads idle and proves little. */
function hasOddRows({ inputs, counts }: OpCase<Attributes>): boolean {
  return counts.tokens > 1 || inputs.every((input) => input?.shape.every((dim) => typeof dim === 'number') ?? true);
}

/** The case's kernels where they are those that are wanted: as the device has it, else by another variant of a choice. */
function kernelsLike(op: KernelMaker, { node }: CaseNode, wanted: string, device: DeviceTraits): Kernel[] | null {
  for (const chosen of choosings(op.choices ?? [], device)) {
    const kernels = op.kernel({ node, attributes: node.attributes as never, device: { ...device, chosen } });
    if (sourcesOf(kernels) === wanted) return kernels;
  }
  return null;
}

/** A small case is of another class of shapes than the node: it is asked for the node's variant under its own class's name. */
function choosings(choices: readonly KernelChoice[], device: DeviceTraits): DeviceTraits['chosen'][] {
  const variants = new Set(choices.flatMap((choice) => choice.variants(device)));
  return [device.chosen, ...[...variants].map((variant) => Object.fromEntries(choices.map(({ name }) => [name, variant])))];
}

function trialOf({ node, testCase, contents }: CaseNode, kernels: readonly Kernel[]): ProofTrial {
  const multipliesHalves = kernels.some(({ source }) => source.includes('enable f16;'));
  return {
    title: `${node.op}: ${testCase.title}`,
    kernels,
    counts: testCase.counts,
    step: testCase.step,
    contents,
    outputs: node.outputs,
    expected: caseReference(node.op, testCase),
    tolerances: node.outputs.map(({ type }) => {
      if (multipliesHalves) return halfProductTolerance;
      return type === 'f16' ? halfTolerance : floatTolerance;
    }),
  };
}
