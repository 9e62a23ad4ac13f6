import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWgslExecutor, type WgslExecutor } from '../../engine/wgsl/executor';
import { ops } from '../../ops/index';
import { caseReader } from '../../testing/browserFixtures';
import { ggufLogits, loadGgufCases, type GgufCases } from '../../testing/ggufCase';
import { relativeDifference } from '../../testing/parityCase';
import { openModel } from '../../weights/openModel';

describe('a GGUF file on WGSL', () => {
  let executor: WgslExecutor;
  let cases: GgufCases;
  beforeAll(async () => {
    cases = await loadGgufCases(async (path) => caseReader(path.slice(0, path.indexOf('/')))(path.slice(path.indexOf('/') + 1)));
    executor = await createWgslExecutor({ ops });
  });
  afterAll(() => executor.dispose());

  // Blocks of the file stay blocks on the device, without a bit of them changed.
  it.each([
    ['F32', 'float32'],
    ['F16', 'float16'],
    ['Q8_0', 'float32'],
    ['Q8_0', 'int8'],
    ['Q4_0', 'float32'],
    ['Q4_0', 'int4'],
  ] as const)('%s, held as %s, gives the logits that transformers gets from it', async (kind, storage) => {
    executor.releaseWeights();
    const files = await openModel({ kind: 'files', files: [await cases.file(kind)] }, { embeddedBase: 'http://unused/' });
    const logits = await ggufLogits(cases, files, executor, storage);
    expect(relativeDifference(logits, cases.expected.get(`logits.${kind}`)?.values ?? [])).toBeLessThan(1e-5);
  });
});
