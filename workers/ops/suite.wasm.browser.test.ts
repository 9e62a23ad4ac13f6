import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attributes } from '../engine/graph';
import { createWasmExecutor, type WasmExecutor } from '../engine/wasm/executor';
import { findFeatures } from '../engine/wasm/features';
import { runCase } from '../testing/runCase';
import { relativeDeviation } from '../engine/deviation';
import { opCases } from './cases';
import type { OpCase } from './opCase';
import { wasmOps } from './wasm/index';

/** As in suite.wasm.test.ts. */
const tolerance = 1e-5;

// What a browser has and Node may lack: threads of its own, and relaxed SIMD, which is on by default where it is there.
const ways = [
  { title: 'on three threads, with what this browser has', threads: 3, features: findFeatures() },
  { title: 'on one thread, with plain SIMD', threads: 1, features: { relaxedSimd: false } },
];

describe.each(ways)('$title', ({ threads, features }) => {
  describe.each(Object.entries<readonly OpCase<Attributes>[]>(opCases))('%s', (op, cases) => {
    let executor: WasmExecutor;
    beforeAll(async () => {
      executor = await createWasmExecutor({ ops: wasmOps, threads, features });
      expect(executor.threads).toBe(threads);
    });
    afterAll(() => executor.dispose());

    it.each(cases.map((testCase) => [testCase.title, testCase] as const))('equals its reference: %s', async (_, testCase) => {
      for (const { name, actual, expected } of await runCase(executor, op, testCase)) {
        expect(relativeDeviation(actual, expected), name).toBeLessThan(tolerance);
      }
    });
  });
});
