import { describe, expect, it } from 'vitest';
import type { Attributes } from '../engine/graph';
import type { BackendName } from '../engine/tfjs/backend';
import { createTfjsExecutor } from '../engine/tfjs/executor';
import { relativeDeviation } from '../engine/deviation';
import { everyKernel } from '../testing/kernelSample';
import { runCase } from '../testing/runCase';
import { opCases } from './cases';
import { ops } from './index';
import type { OpCase } from './opCase';

/** As in suite.tfjs.test.ts for wasm; on WebGPU exponentials and square roots may be off by a few units in the last place. */
const tolerances: Record<Exclude<BackendName, 'cpu'>, number> = { wasm: 1e-5, webgpu: 3e-5 };

const wasmPath = new URL('/tfjs-wasm/', location.href).href;

// Each op is written once for both: of a software adapter’s compiling, every fourth case is enough.
// One after another: the backend is global.
describe.each(['wasm', 'webgpu'] as const)('on the %s backend', (backend) => {
  describe.each(Object.entries<readonly OpCase<Attributes>[]>(opCases))('%s', (op, cases) => {
    const run = backend === 'wasm' || everyKernel ? cases : cases.filter((_, place) => place % 4 === 0);
    it.each(run.map((testCase) => [testCase.title, testCase] as const))('equals its reference: %s', async (_, testCase) => {
      const executor = await createTfjsExecutor({ ops, backend, wasmPath });
      try {
        for (const { name, actual, expected } of await runCase(executor, op, testCase)) {
          expect(relativeDeviation(actual, expected), name).toBeLessThan(tolerances[backend]);
        }
      } finally {
        executor.dispose();
      }
    });
  });
});
