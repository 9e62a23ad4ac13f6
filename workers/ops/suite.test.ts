import { describe, expect, it } from 'vitest';
import { relativeDeviation } from '../engine/deviation';
import type { Attributes } from '../engine/graph';
import { elementCount, ShapeError, type Shape } from '../engine/shape';
import { caseReference } from './caseReference';
import { gradientPairs } from '../testing/finiteDifferences';
import { opCases } from './cases';
import { isOpName, opNamed, ops } from './index';
import type { OpCase } from './opCase';

/** Central differences with a step of 1e-5 in double precision lose about 1e-10 to truncation and 1e-11 to rounding. */
const tolerance = 1e-6;

describe.each(Object.entries<readonly OpCase<Attributes>[]>(opCases))('%s', (op, cases) => {
  const definition = opNamed(op);

  it('is named as in the table', () => {
    expect(definition.name).toBe(op);
  });

  it.each(cases.map((testCase) => [testCase.title, testCase] as const))('has the shapes it says: %s', (_, testCase) => {
    const shapes = definition.inferShape(shapesOf(testCase), testCase.attributes as never);
    const results = caseReference(op, testCase);
    expect(results.map((result) => result.length)).toEqual(shapes.map((shape) => elementCount(shape, testCase.counts)));
    for (const result of results) expect(result.every(Number.isFinite)).toBe(true);
  });

  it('refuses inputs with a dimension too many', () => {
    const [testCase] = cases;
    if (!testCase) throw new Error(`${op} has no case.`);
    const shapes = shapesOf(testCase);
    shapes.forEach((shape, index) => {
      // storeGradient takes any shape.
      if (!shape || op === 'storeGradient') return;
      const wrong = shapes.with(index, [...shape, 2]);
      expect(() => definition.inferShape(wrong, testCase.attributes as never)).toThrow(ShapeError);
    });
  });

  it('refuses to go without its first input', () => {
    const [testCase] = cases;
    expect(() => definition.inferShape([], (testCase?.attributes ?? {}) as never)).toThrow(ShapeError);
  });

  if (definition.backward) {
    it.each(cases.filter(({ gradients }) => gradients.length > 0).map((testCase) => [testCase.title, testCase] as const))(
      'has the gradient of finite differences: %s',
      (_, testCase) => {
        for (const [input, { byGraph, byDifferences }] of gradientPairs(op, testCase)) {
          expect(relativeDeviation(byGraph, byDifferences), `input ${input}`).toBeLessThan(tolerance);
        }
      },
    );

    it('has a case for its gradient', () => {
      expect(cases.some(({ gradients }) => gradients.length > 0)).toBe(true);
    });
  }
});

it('lists every op once, by its own name', () => {
  expect(Object.keys(opCases).toSorted()).toEqual(Object.keys(ops).toSorted());
  expect(isOpName('toString')).toBe(false);
  expect(() => opNamed('softmax')).toThrow('no op softmax');
});

function shapesOf({ inputs }: OpCase<Attributes>): (Shape | null)[] {
  return inputs.map((input) => input && input.shape);
}
