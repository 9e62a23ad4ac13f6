import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relativeDeviation } from '../engine/deviation';
import { openDevice } from '../engine/wgsl/device';
import { createWgslExecutor, type WgslExecutor } from '../engine/wgsl/executor';
import { caseGraph } from '../testing/caseGraph';
import { halfCaseGraph, roundedCase } from '../testing/halfCase';
import { everyKernel, sampleOf } from '../testing/kernelSample';
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

// Opened before the suites are laid out: how much is run depends on the device.
const { device, traits } = await openDevice(undefined, {});

afterAll(() => device.destroy());

/** Heads that share keys, and windows within a tile and beyond one: the same kernels with other numbers. */
const manners: readonly { lengths: readonly number[]; sharing: number; window: number | null }[] = [
  { lengths: [3, 65], sharing: 3, window: 40 },
  { lengths: [4, 1, 9, 33, 2, 2, 31, 7, 16], sharing: 2, window: 1 },
  { lengths: [130], sharing: 1, window: 70 },
  { lengths: [1, 41], sharing: 4, window: null },
];

function forwardCase(
  lengths: readonly number[],
  kvHeads: number,
  size: number,
  sharing = 1,
  window: number | null = null,
): OpCase<AttentionAttributes> {
  const packed = packedCase(lengths);
  const heads = kvHeads * sharing;
  const qkv = new CaseData(size, packed.counts).value(['tokens', (heads + 2 * kvHeads) * size], 1.5);
  return {
    title: `lengths ${lengths}, ${heads} heads on ${kvHeads} of ${size}, window ${window}`,
    counts: packed.counts,
    step: caseStep,
    attributes: { heads, kvHeads, scale: 1 / Math.sqrt(size), window },
    inputs: [qkv, packed.segmentOffsets, packed.rowSegments],
    gradients: [],
  };
}

function backwardCase(forward: OpCase<AttentionAttributes>): OpCase<AttentionAttributes> {
  const results = resultsOf(attention, forward);
  const dout = new CaseData(7, forward.counts).value(results[0]?.shape ?? []);
  return { ...forward, inputs: [dout, ...results, ...forward.inputs] };
}

/** Cases of one head size, which share their kernels. */
interface Group {
  title: string;
  cases: readonly OpCase<AttentionAttributes>[];
  halves: boolean;
}

const groups: readonly Group[] = heads.flatMap(([count, size]) => {
  const cases = [
    ...packings.map((lengths) => forwardCase(lengths, count, size)),
    ...manners.map(({ lengths, sharing, window }) => forwardCase(lengths, count, size, sharing, window)),
  ];
  return [false, true].map((halves) => ({
    title: `${count} heads of ${size}${halves ? ', float16 values' : ''}`,
    cases,
    halves,
  }));
});

describe.each(['plain', 'rows16', 'rows32'].map((variant, turn) => [variant, turn] as const))('%s', (variant, turn) => {
  let executor: WgslExecutor;
  beforeAll(async () => {
    const chosen = { 'attention.forward': variant, 'attention.backward': variant };
    executor = await createWgslExecutor({ ops, device, matmul: 'tiled', chosen, maxSubmitMs: Infinity });
  });
  afterAll(() => executor.dispose());

  // suite.browser.test.ts has two cases of each variant; a group compiles for seconds on a software adapter.
  const taken = traits.software && !everyKernel ? sampleOf(groups, turn).slice(0, 1) : groups;
  describe.each(taken.map((group) => [group.title, group] as const))('%s', (_, { cases, halves }) => {
    const ways = cases.flatMap((forward) =>
      ['attention', 'attentionGradient'].map((op) => [op, forward.title, forward] as const),
    );
    it.each(ways)('%s, %s', async (op, _title, forward) => {
      const given = op === 'attention' ? forward : backwardCase(forward);
      const { testCase, graph, batch, outputsAsHalves } = halves ? asHalves(op, given) : asFloats(op, given);
      const program = await executor.prepare(graph, testCase.counts);
      const readings = await program.run(batch, caseStep, true);
      program.dispose();
      caseReference(op, testCase).forEach((expected, index) => {
        const bound = outputsAsHalves.includes(index) ? halfTolerance : tolerance;
        expect(relativeDeviation(readings.get(`out${index}`) ?? [], expected), `output ${index}`).toBeLessThan(bound);
      });
    });
  });

  it('compiles without a warning', () => {
    expect(executor.compileNotes.length).toBeGreaterThan(0);
    expect(executor.compileNotes.flatMap(({ label, messages }) => messages.map((message) => `${label}: ${message}`))).toEqual([]);
  });
});

function asFloats(op: string, testCase: OpCase<AttentionAttributes>) {
  const { graph, batch } = caseGraph(op, testCase);
  const outputsAsHalves: readonly number[] = [];
  return { testCase, graph, batch, outputsAsHalves };
}

/** With everything in float16 that may be. */
function asHalves(op: string, given: OpCase<AttentionAttributes>) {
  const testCase = roundedCase(given, halfCaseGraph(caseGraph(op, given))?.inputs ?? []);
  const halved = halfCaseGraph(caseGraph(op, testCase));
  if (!halved) throw new Error(`${op} takes no float16 values: ${given.title}.`);
  const { graph, batch } = halved.graph;
  return { testCase, graph, batch, outputsAsHalves: halved.outputs };
}
