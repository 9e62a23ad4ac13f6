import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { lossScaleStart } from '../engine/lossScale';
import { loadParityCase, ParityRun, relativeDifference } from '../testing/parityCase';
import { createReferenceExecutor } from '../testing/referenceProgram';
import { balancedWeights } from './classWeights';
import { classifiedSource } from './examples';
import { adam } from './graphs';

it('weighs classes as scikit-learn does', () => {
  expect([...balancedWeights(Int32Array.of(0, 0, 0, 0, 0, 1, 1, 2), 3)]).toEqual([8 / 15, 8 / 6, 8 / 3].map(Math.fround));
  // A class that no text has counts for none.
  expect([...balancedWeights(Int32Array.of(0, 0, 2), 3)]).toEqual([0.75, 1, 1.5]);
});

/**
 * PyTorch 2's CrossEntropyLoss(weight) on the fixture's model under PEFT: AdamW at a constant rate of 0.01, decay 0.01, clipping at
 * 1, one batch of eight a step, taken in turn from the texts `kept`.
 */
const kept = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 19, 20, 23];
const expected = {
  loss: [1.0426450967788696, 2.140807628631592, 1.1605603694915771, 0.33100268244743347, 0.7194782495498657, 0.08400671929121017],
  gradNorm: [4.132265567779541, 7.919068813323975, 4.740547180175781, 2.5367369651794434, 2.3852906227111816, 0.5046108961105347],
};

it.each([
  { title: 'whole batches', microBatch: 8, fp16: false },
  { title: 'two micro-batches a step', microBatch: 4, fp16: false },
  { title: 'micro-batches of uneven weight and a scaled loss', microBatch: 5, fp16: true },
])('follows PyTorch’s weighted loss: $title', async ({ microBatch, fp16 }) => {
  const folder = new URL('../testing/fixtures/reference/gpt2-tiny-cls/', import.meta.url);
  const parity = await loadParityCase('gpt2-tiny-cls', async (file) => new Uint8Array(await readFile(new URL(file, folder))));
  const executor = createReferenceExecutor();
  const { graphs } = await ParityRun.create(parity, executor, 'float32', { classWeights: true, fp16 });
  const program = await executor.prepare(graphs.train, { tokens: 256, sequences: 8 });
  const { sequences, labels } = parity.trajectory;
  const examples = {
    ids: kept.map((index) => Int32Array.from(sequences[index] ?? [])),
    labels: Int32Array.from(kept, (index) => labels[index] ?? 0),
  };
  const source = classifiedSource(examples, parity.meta.pad_token_id, balancedWeights(examples.labels, 3));
  if (fp16) executor.writeState('lossScale', lossScaleStart(512));
  const losses: number[] = [];
  const norms: number[] = [];
  for (let step = 0; step < expected.loss.length; step++) {
    const indices = Array.from({ length: 8 }, (_, index) => (step * 8 + index) % kept.length);
    let loss = 0;
    for (let at = 0; at < 8; at += microBatch) {
      const values = {
        dropoutSeed: 0,
        lossWeight: 1 / source.lossShare(indices),
        accumulate: at > 0,
        learningRate: 0.01,
        weightDecay: 0.01,
        maxGradNorm: 1,
        correction1: 1 - adam.beta1 ** (step + 1),
        correction2: 1 - adam.beta2 ** (step + 1),
      };
      const readings = await program.run(source.pack(indices.slice(at, at + microBatch)), values, at + microBatch >= 8);
      loss += readings.get('loss')?.[0] ?? Number.NaN;
      if (at + microBatch >= 8) norms.push(readings.get('gradNorm')?.[0] ?? Number.NaN);
    }
    losses.push(loss);
  }
  expect(relativeDifference(losses, expected.loss)).toBeLessThan(1e-4);
  expect(relativeDifference(norms, expected.gradNorm)).toBeLessThan(1e-4);
});
