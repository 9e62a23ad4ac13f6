import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Executor } from '../engine/executor';
import { createWasmExecutor } from '../engine/wasm/executor';
import { wasmOps } from '../ops/wasm/index';
import { caseReader } from '../testing/browserFixtures';
import { loadParityCase, ParityRun, type ParityCase } from '../testing/parityCase';
import { expectAccumulation, expectGradients, expectPooling, expectTrajectory } from '../testing/parityChecks';

describe.each(['gpt2-tiny-cls', 'gpt2-tiny-cls-all', 'llama-tiny-cls'])('%s on two threads of WebAssembly', (name) => {
  let parity: ParityCase;
  let executor: Executor;
  let run: ParityRun;

  beforeAll(async () => {
    parity = await loadParityCase(name, caseReader(name));
    executor = await createWasmExecutor({ ops: wasmOps, threads: 2 });
    run = await ParityRun.create(parity, executor, 'float32');
  });
  afterAll(() => executor.dispose());

  it('gives PyTorch’s logits, loss, norm and gradients', () => expectGradients(parity, run));
  it('adds up the gradients of micro-batches', () => expectAccumulation(parity, run));
  it('pools the token that transformers pools', () => expectPooling(parity, run));
  it('follows PyTorch’s thirty steps', () => expectTrajectory(parity, run));
});
