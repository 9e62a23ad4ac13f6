import { describe, expect, it } from 'vitest';
import type { Attributes } from '../engine/graph';
import { createTfjsExecutor } from '../engine/tfjs/executor';
import { relativeDeviation } from '../engine/deviation';
import { runCase } from '../testing/runCase';
import { opCases } from './cases';
import { ops } from './index';
import type { OpCase } from './opCase';

/**
 * Sums of up to some 260 products in float32: rounding moves them by sqrt(260) * 6e-8 of their size, about 1e-6, a little
 * more where terms cancel. (Differences to the largest number of each output.)
 */
const tolerance = 1e-5;

describe.each(Object.entries<readonly OpCase<Attributes>[]>(opCases))('%s on the cpu backend', (op, cases) => {
  it.each(cases.map((testCase) => [testCase.title, testCase] as const))('equals its reference: %s', async (_, testCase) => {
    const executor = await createTfjsExecutor({ ops, backend: 'cpu' });
    try {
      for (const { name, actual, expected } of await runCase(executor, op, testCase)) {
        expect(relativeDeviation(actual, expected), name).toBeLessThan(tolerance);
      }
    } finally {
      executor.dispose();
    }
  });
});
