import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relativeDeviation } from '../engine/deviation';
import { createWgslExecutor, type WgslExecutor } from '../engine/wgsl/executor';
import { caseGraph } from '../testing/caseGraph';

import { halfCaseGraph, roundedCase } from '../testing/halfCase';
import { attention } from './attention';
import { resultsOf } from './attentionGradient.cases';
import type { AttentionAttributes } from './attributes';
import { caseReference } from './caseReference';
import { ops } from './index';
import { CaseData, caseStep, packedCase, type OpCase } from './opCase';

/** As in suite.browser.test.ts. */
const tolerance = 2e-5;
const halfTolerance = 2 ** -10 + tolerance;

/** Sequences of one token, of one more than tiles have rows, and tiles that many short ones share. */
const packings: readonly (readonly number[])[] = [[1], [3, 65], [130], [4, 1, 9, 33, 2, 2, 31, 7, 16]];

/** Chunks of 32 columns: one, two, two and a half, four, and less than one. */
const heads: readonly (readonly [heads: number, size: number])[] = [
  [3, 32],
  [2, 64],
  [2, 80],
  [1, 128],
  [2, 20],
];

let device: GPUDevice;

beforeAll(async () => {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('No WebGPU adapter.');
  device = await adapter.requestDevice();
});

afterAll(() => device.destroy());

function forwardCase(lengths: readonly number[], headCount: number, size: number): OpCase<AttentionAttributes> {
  const packed = packedCase(lengths);
  const qkv = new CaseData(size, packed.counts).value(['tokens', 3 * headCount * size], 1.5);
  return {
    title: `lengths ${lengths}, ${headCount} heads of ${size}`,
    counts: packed.counts,
    step: caseStep,
    attributes: { heads: headCount, scale: 1 / Math.sqrt(size) },
    inputs: [qkv, packed.segmentOffsets, packed.rowSegments],
    gradients: [],
  };
}

function backwardCase(forward: OpCase<AttentionAttributes>): OpCase<AttentionAttributes> {
  const results = resultsOf(attention, forward);
  const dout = new CaseData(7, forward.counts).value(results[0]?.shape ?? []);
  return { ...forward, inputs: [dout, ...results, ...forward.inputs] };
}

describe.each(['plain', 'rows16', 'rows32'])('%s', (variant) => {
  let executor: WgslExecutor;
  beforeAll(async () => {
    const chosen = { 'attention.forward': variant, 'attention.backward': variant };
    executor = await createWgslExecutor({ ops, device, matmul: 'tiled', chosen, maxSubmitMs: Infinity });
  });
  afterAll(() => executor.dispose());

  const cases = heads.flatMap(([count, size]) => packings.map((lengths) => forwardCase(lengths, count, size)));
  describe.each(cases.map((testCase) => [testCase.title, testCase] as const))('%s', (_, forward) => {
    it.each(['attention', 'attentionGradient'])('%s', async (op) => {
      const testCase = op === 'attention' ? forward : backwardCase(forward);
      for (const half of [false]) {
        const plain = caseGraph(op, testCase);
        const halved = half ? halfCaseGraph(plain) : null;
        const rounded = halved ? roundedCase(testCase, halved.inputs) : testCase;
        const { graph, batch } = (half ? halfCaseGraph(caseGraph(op, rounded))?.graph : null) ?? plain;
        const program = await executor.prepare(graph, testCase.counts);
        const readings = await program.run(batch, caseStep, true);
        program.dispose();
        caseReference(op, rounded).forEach((expected, index) => {
          const bound = halved?.outputs.includes(index) ? halfTolerance : tolerance;
          expect(relativeDeviation(readings.get(`out${index}`) ?? [], expected), `output ${index}`).toBeLessThan(bound);
        });
      }
    });
  });

  it('compiles without a warning', () => {
    expect(executor.compileNotes.length).toBeGreaterThan(0);
    expect(executor.compileNotes.flatMap(({ label, messages }) => messages.map((message) => `${label}: ${message}`))).toEqual([]);
  });
});
