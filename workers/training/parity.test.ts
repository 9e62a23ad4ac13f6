import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadParityCase, ParityRun, type ParityCase } from '../testing/parityCase';
import { expectAccumulation, expectGradients, expectPooling, expectTrajectory } from '../testing/parityChecks';
import { createReferenceExecutor } from '../testing/referenceProgram';

describe.each(['gpt2-tiny-cls', 'gpt2-tiny-cls-all', 'llama-tiny-cls'])('%s on the double-precision references', (name) => {
  let parity: ParityCase;
  let run: ParityRun;

  beforeAll(async () => {
    // A copy: Node's buffers share their memory.
    parity = await loadParityCase(
      name,
      async (file) => new Uint8Array(await readFile(new URL(`../testing/fixtures/reference/${name}/${file}`, import.meta.url))),
    );
    run = await ParityRun.create(parity, createReferenceExecutor(), 'float32');
  });

  it('gives PyTorch’s logits, loss, norm and gradients', () => expectGradients(parity, run));
  it('adds up the gradients of micro-batches', () => expectAccumulation(parity, run));
  it('pools the token that transformers pools', () => expectPooling(parity, run));
  it('follows PyTorch’s thirty steps', () => expectTrajectory(parity, run));

  it('follows PyTorch’s thirty steps with a scaled loss', async () => {
    const scaled = await ParityRun.create(parity, createReferenceExecutor(), 'float32', { fp16: true });
    await expectTrajectory(parity, scaled);
    await expectGradients(parity, scaled);
    await expectAccumulation(parity, scaled);
  });

  it('follows the same thirty steps, bit by bit, where blocks are computed again', async () => {
    const again = await ParityRun.create(parity, createReferenceExecutor(), 'float32', { gradientCheckpointing: true });
    expect(again.graphs.train.nodes.length).toBeGreaterThan(run.graphs.train.nodes.length);
    run.reset();
    expect(await again.trajectory()).toEqual(await run.trajectory());
  });
});
