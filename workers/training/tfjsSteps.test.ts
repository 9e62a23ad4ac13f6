import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { Batch } from '../engine/executor';
import type { Value } from '../engine/graph';
import { idleStep } from '../engine/step';
import { createTfjsExecutor } from '../engine/tfjs/executor';
import type { ClassifierPlan } from '../models/architecture';
import { gpt2Model } from '../models/gpt2Model';
import { ops } from '../ops/index';
import { CaseData } from '../ops/opCase';
import { adam, buildClassifierGraphs } from './graphs';

const model = gpt2Model({
  nLayer: 2,
  nEmbd: 12,
  nHead: 3,
  nPositions: 16,
  vocabSize: 29,
  nInner: 20,
  layerNormEpsilon: 1e-5,
  padTokenId: 0,
  eosTokenId: 0,
  initializerRange: 0.3,
  scaleAttnWeights: true,
  scaleAttnByInverseLayerIdx: false,
});

const plan: ClassifierPlan = {
  lora: { r: 2, scaling: 1.5, dropout: 0.1, adapts: (module) => module.endsWith('c_attn') },
  labelCount: 2,
  storage: 'float32',
};

const batch: Batch = {
  tokens: 8,
  sequences: 3,
  inputs: {
    inputIds: Int32Array.of(3, 4, 5, 6, 7, 8, 9, 10),
    positions: Int32Array.of(0, 1, 2, 3, 0, 0, 1, 2),
    segmentOffsets: Int32Array.of(0, 4, 5, 8),
    rowSegments: Int32Array.of(0, 0, 0, 0, 1, 2, 2, 2),
    pooledRows: Int32Array.of(3, 4, 7),
    targetStarts: Int32Array.of(0, 4, 5),
    rowTargets: Int32Array.of(0, 1, 0, 1, 0, 1, 0, 1, 1, 2, 2, 3, 2, 3, 2, 3),
    labels: Int32Array.of(0, 1, 1),
  },
};

it('takes 100 steps with lower loss at the end, and leaves no tensor behind', async () => {
  const { train, layout } = buildClassifierGraphs(model, plan);
  const executor = await createTfjsExecutor({ ops, backend: 'cpu' });
  const before = tf.memory().numTensors;
  const data = new CaseData(5, batch);
  const weights = new Set(
    train.nodes.flatMap((node) => node.inputs.filter((input): input is Value => input?.role.kind === 'weight')),
  );
  executor.allocateWeights([...weights]);
  for (const [tensor, [rows, rowLength]] of tensorShapes(weights)) {
    const { values } = data.weight([rows, rowLength], 0.3, /ln_.*weight/.test(tensor) ? 1 : 0);
    executor.writeWeights({ tensor, rowOffset: 0, rows, rowLength, values });
  }
  await executor.finishWeights();
  executor.allocateParameters(layout.size);
  executor.writeState('parameters', data.value([layout.size], 0.1).values);
  const program = await executor.prepare(train, batch);

  const losses: number[] = [];
  let tensorsAfterFirst = 0;
  for (let step = 1; step <= 100; step++) {
    const corrections = { correction1: 1 - adam.beta1 ** step, correction2: 1 - adam.beta2 ** step };
    const values = { dropoutSeed: step, lossWeight: 1 / 6, learningRate: 0.01, weightDecay: 0, maxGradNorm: 1, ...corrections };
    const first = await program.run(batch, { ...values, accumulate: false }, false);
    expect(first.has('gradNorm')).toBe(false);
    const second = await program.run(batch, { ...values, accumulate: true }, true);
    expect(second.get('gradNorm')?.[0]).toBeGreaterThan(0);
    losses.push((first.get('loss')?.[0] ?? NaN) + (second.get('loss')?.[0] ?? NaN));
    if (step === 1) tensorsAfterFirst = tf.memory().numTensors;
  }
  expect(tf.memory().numTensors).toBe(tensorsAfterFirst);
  expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] ?? 0));
  program.dispose();
  await expect(program.run(batch, idleStep, false)).rejects.toThrow('disposed');
  executor.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

/** Whole shapes, where graphs use columns of a tensor. */
function tensorShapes(weights: Iterable<Value>): Map<string, [number, number]> {
  const shapes = new Map<string, [number, number]>();
  for (const { role, shape } of weights) {
    if (role.kind !== 'weight') continue;
    const [rows, columns] = shape.length === 1 ? [1, Number(shape[0])] : [Number(shape[0]), Number(shape[1])];
    shapes.set(role.tensor, [rows, Math.max(shapes.get(role.tensor)?.[1] ?? 0, role.columns?.[1] ?? columns)]);
  }
  return shapes;
}
