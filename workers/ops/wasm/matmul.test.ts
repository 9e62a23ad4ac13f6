import { describe, expect, it } from 'vitest';
import { relativeDeviation } from '../../engine/deviation';
import { createWasmExecutor } from '../../engine/wasm/executor';
import { runCase } from '../../testing/runCase';
import type { AttentionAttributes, LinearAttributes } from '../attributes';
import { CaseData, caseStep, packedCase, rowsOnly, type OpCase } from '../opCase';
import { wasmOps } from './index';

/** What the suite's small cases leave out: inner dimensions of several blocks, many parts, sequences of many blocks of rows. */

/** Sums of up to 1,600 products: rounding grows with its root, to some 3e-6 of their size. */
const tolerance = 2e-5;

async function deviations(op: string, testCase: OpCase<LinearAttributes | AttentionAttributes>): Promise<number[]> {
  const executor = await createWasmExecutor({ ops: wasmOps });
  const results = await runCase(executor, op, testCase);
  executor.dispose();
  return results.map(({ actual, expected }) => relativeDeviation(actual, expected));
}

describe.each([
  [7, 801, 19],
  [200, 1601, 33],
  [13, 385, 400],
  [1, 384, 8],
])('a product of %i x %i x %i', (rows, inner, columns) => {
  it.each(['none', 'gelu', 'geluGradient'] as const)('with bias, LoRA, dropout and activation %s', async (activation) => {
    const data = new CaseData(rows + inner + columns, rowsOnly(rows));
    const inputs = [
      data.value(['tokens', inner]),
      data.weight([inner, columns], 1 / Math.sqrt(inner)),
      data.weight([columns]),
      data.value(['tokens', 5]),
      data.value([columns, 5]),
      activation === 'geluGradient' ? data.value(['tokens', columns], 2) : null,
    ];
    const lora = { layout: 'outRank', scale: 0.5, dropout: 0.25, site: 2 } as const;
    const attributes = { transposed: false, lora, activation };
    const testCase = { title: '', counts: data.counts, step: caseStep, attributes, inputs, gradients: [] };
    const found = await deviations('linear', testCase);
    expect(found).toHaveLength(activation === 'gelu' ? 2 : 1);
    for (const deviation of found) expect(deviation).toBeLessThan(tolerance);
  });
});

it.each([64, 20])('attends over 300 rows, heads of %i', async (size) => {
  const heads = 2;
  const { counts, segmentOffsets, rowSegments } = packedCase([300, 1, 47]);
  const data = new CaseData(size, counts);
  const qkv = data.value(['tokens', 3 * heads * size]);
  const attributes = { heads, kvHeads: heads, scale: 1 / Math.sqrt(size), window: null };
  const common = { title: '', counts, step: caseStep, attributes, gradients: [] };
  for (const deviation of await deviations('attention', { ...common, inputs: [qkv, segmentOffsets, rowSegments] })) {
    expect(deviation).toBeLessThan(tolerance);
  }
});
