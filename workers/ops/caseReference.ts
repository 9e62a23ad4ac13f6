import type { Attributes } from '../engine/graph';
import { resolveShape } from '../engine/shape';
import { opNamed } from './index';
import type { OpCase } from './opCase';

/** The case's outputs by the op's double-precision reference. */
export function caseReference(op: string, testCase: OpCase<Attributes>): Float64Array[] {
  const values = testCase.inputs.map((input) => input && Float64Array.from(input.values));
  const shapes = testCase.inputs.map((input) => input && resolveShape(input.shape, testCase.counts));
  return opNamed(op).reference(values, shapes, testCase.attributes as never, { counts: testCase.counts, step: testCase.step });
}
