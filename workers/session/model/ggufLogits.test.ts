import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Executor } from '../../engine/executor';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { createWasmExecutor } from '../../engine/wasm/executor';
import { ops } from '../../ops/index';
import { wasmOps } from '../../ops/wasm/index';
import { ggufKinds, ggufLogits, loadGgufCases, type GgufCases } from '../../testing/ggufCase';
import { relativeDifference } from '../../testing/parityCase';
import { createReferenceExecutor } from '../../testing/referenceProgram';
import { openModel } from '../../weights/openModel';

const folder = new URL('../../testing/fixtures/reference/', import.meta.url);
let cases: GgufCases;
beforeAll(async () => {
  cases = await loadGgufCases(async (path) => new Uint8Array(await readFile(new URL(path, folder))));
});

const executors: [string, () => Promise<Executor>][] = [
  ['the double-precision references', async () => createReferenceExecutor()],
  ['WebAssembly', async () => createWasmExecutor({ ops: wasmOps })],
  ['TensorFlow.js', async () => createTfjsExecutor({ ops, backend: 'cpu' })],
];

describe.each(executors)('a GGUF file on %s', (_, create) => {
  it.each(ggufKinds)('%s gives the logits that transformers gets from it', async (kind) => {
    const executor = await create();
    const files = await openModel({ kind: 'files', files: [await cases.file(kind)] }, { embeddedBase: 'http://unused/' });
    const logits = await ggufLogits(cases, files, executor, 'float32');
    executor.dispose();
    expect(relativeDifference(logits, cases.expected.get(`logits.${kind}`)?.values ?? [])).toBeLessThan(1e-5);
  });
});

it('the files differ by more than that', () => {
  const values = (kind: string): ArrayLike<number> => cases.expected.get(`logits.${kind}`)?.values ?? [];
  for (const kind of ['F16', 'Q8_0', 'Q4_0']) expect(relativeDifference(values(kind), values('F32')), kind).toBeGreaterThan(1e-4);
});
