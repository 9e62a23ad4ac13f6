import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attributes } from '../engine/graph';
import { createWasmExecutor, type WasmExecutor } from '../engine/wasm/executor';
import { relativeDeviation } from '../engine/deviation';
import { runCase } from '../testing/runCase';
import { opCases } from './cases';
import type { OpCase } from './opCase';
import { wasmOps } from './wasm/index';

/** As in suite.tfjs.test.ts: sums of up to some 260 products in float32. */
const tolerance = 1e-5;

describe.each(Object.entries<readonly OpCase<Attributes>[]>(opCases))('%s in WebAssembly', (op, cases) => {
  let executor: WasmExecutor;
  beforeAll(async () => {
    executor = await createWasmExecutor({ ops: wasmOps });
  });
  afterAll(() => executor.dispose());

  it.each(cases.map((testCase) => [testCase.title, testCase] as const))('equals its reference: %s', async (_, testCase) => {
    for (const { name, actual, expected } of await runCase(executor, op, testCase)) {
      expect(relativeDeviation(actual, expected), name).toBeLessThan(tolerance);
    }
  });
});
