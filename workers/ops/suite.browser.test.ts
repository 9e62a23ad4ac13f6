import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relativeDeviation } from '../engine/deviation';
import type { Attributes, WeightStorage } from '../engine/graph';
import { heldAs } from '../engine/weightStorage';
import { openDevice } from '../engine/wgsl/device';
import { createWgslExecutor, type WgslExecutor } from '../engine/wgsl/executor';
import type { DeviceTraits, KernelChoice } from '../engine/wgsl/kernel';
import { caseGraph, type CaseGraph } from '../testing/caseGraph';
import { halfCaseGraph, roundedCase } from '../testing/halfCase';
import { everyKernel, sampleOf } from '../testing/kernelSample';
import { matricesOf, roundWeights, runStoredCase, withWeights } from '../testing/storedCase';
import { caseReference } from './caseReference';
import { opCases } from './cases';
import { isOpName, opNamed, ops } from './index';
import type { OpCase } from './opCase';

/** Sums of a few hundred float32 products; the software adapter's exp, log and tanh are good to about 1e-6. */
const tolerance = 2e-5;

/** A float16 has 11 bits and a device may round either way: 2^-10 of the number. */
const halfTolerance = 2 ** -10 + tolerance;

/** Weights in blocks become float16 where a kernel multiplies so: each errs by 2^-11, and what they add to is at most three times the largest result. */
const halfWeightTolerance = 3 * 2 ** -11;

/** Eight products added up in float16: each rounding errs by 2^-11 of a partial sum, none of which exceeds thrice the largest result. */
const halfSumsTolerance = 3 * 3 * 2 ** -11;

type Case = OpCase<Attributes>;

// Opened before the suites are laid out: which variants there are depends on the device.
const { device, traits } = await openDevice(undefined, {});

async function executorFor(chosen: DeviceTraits['chosen']): Promise<WgslExecutor> {
  return createWgslExecutor({ ops, device, chosen, maxSubmitMs: Infinity });
}

/** The plain kernel of every choice. */
const plain: DeviceTraits['chosen'] = Object.fromEntries(
  Object.values(ops).flatMap(({ choices = [] }: { choices?: readonly KernelChoice[] }) =>
    choices.map((choice) => [choice.name, choice.variants(traits)[0] ?? '']),
  ),
);

afterAll(() => device.destroy());

describe('kernels', () => {
  let executor: WgslExecutor;
  beforeAll(async () => {
    executor = await executorFor(plain);
  });
  afterAll(() => {
    const slowest = executor.compileNotes.toSorted((a, b) => b.elapsedMs - a.elapsedMs).slice(0, 5);
    const total = executor.compileNotes.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
    console.log(
      `${executor.compileNotes.length} pipelines in ${(total / 1000).toFixed(1)} s; slowest: ` +
        slowest.map(({ label, elapsedMs }) => `${label} ${elapsedMs.toFixed(0)} ms`).join(', '),
    );
    executor.dispose();
  });

  describe.each(Object.entries<readonly Case[]>(opCases))('%s', (op, cases) => {
    const runs = traits.software && !everyKernel ? plainSampleOf(runsOf(op, cases)) : runsOf(op, cases);
    it.each(runs.map((run) => [run.title, run] as const))('%s', async (_, run) => expectRight(executor, run));
    if (opNamed(op).halves) {
      it('has a case with float16 values', () => {
        expect(runs.filter(({ outputsAsHalves }) => outputsAsHalves !== null).length).toBeGreaterThan(0);
      });
    }
  });

  it('compile without a warning', () => {
    expect(executor.compileNotes.length).toBeGreaterThan(Object.keys(ops).length);
    expect(warningsOf(executor)).toEqual([]);
  });
});

/** Every op's every variant that the device offers, beyond the plain ones; `again` where ops with more choices have the same. */
const choicesBefore = new Set<KernelChoice>();
const choicesOf = (op: string): number => opNamed(op).choices?.length ?? 0;
const byChoices = Object.keys(opCases).toSorted((a, b) => choicesOf(b) - choicesOf(a));
const variants = byChoices.flatMap((op) => {
  const choices = opNamed(op).choices ?? [];
  const again = choices.every((choice) => choicesBefore.has(choice));
  for (const choice of choices) choicesBefore.add(choice);
  const names = new Set(choices.flatMap((choice) => choice.variants(traits).slice(1)));
  return [...names].map((variant) => {
    const chosen = Object.fromEntries(choices.map(({ name }) => [name, variant]));
    return { op, variant, again, chosen: { ...plain, ...chosen } };
  });
});
const turns = variants.map((entry, turn) => [entry.op, entry.variant, { ...entry, turn }] as const);

describe.each(turns)('%s, variant %s', (op, variant, { chosen, turn, again }) => {
  let executor: WgslExecutor;
  beforeAll(async () => {
    executor = await executorFor(chosen);
  });
  afterAll(() => executor.dispose());

  const cases: readonly Case[] = isOpName(op) ? opCases[op] : [];
  const differing = runsOf(op, cases).filter(({ graph }) => differsFromPlain(graph, chosen));
  const runs = traits.software && !everyKernel ? sampleOf(differing, turn).slice(0, again ? 1 : 2) : differing;
  it.each(runs.map((run) => [run.title, run] as const))('%s', async (_, run) => {
    await expectRight(executor, run, leastTolerance(variant, run));
  });

  it('is used by a case and compiles without a warning', () => {
    expect(runs.length).toBeGreaterThan(0);
    expect(warningsOf(executor)).toEqual([]);
  });
});

function leastTolerance(variant: string, { storage }: CaseRun): number {
  if (variant.endsWith('sums')) return halfSumsTolerance;
  const rounds = variant.endsWith('f16') && (storage === 'int8' || storage === 'int4');
  return rounds ? halfWeightTolerance : 0;
}

/** An op with more cases than that has each in float32 or in float16, by turns. */
const mostCasesInBoth = 24;

/** Of each case with two forms in float16 one, by turns, besides the one in float32. */
function plainSampleOf(runs: readonly CaseRun[]): CaseRun[] {
  const places = new Map<Case, CaseRun[]>();
  for (const run of runs) places.set(run.testCase, [...(places.get(run.testCase) ?? []), run]);
  return [...places.values()].flatMap((forms, turn) => {
    const inHalves = forms.filter(({ storage }) => storage === 'float16');
    const sample = inHalves.length < 2 ? forms : forms.filter((run) => run !== inHalves[turn % 2]);
    if (places.size <= mostCasesInBoth || sample.length < 2) return sample;
    const left = Math.floor(turn / 2) % 2 === 0 ? 'float16' : 'float32';
    return sample.filter(({ storage }) => storage !== left);
  });
}

/** A case with weights of one storage, and with float32 values or everything in float16 that may be. */
interface CaseRun {
  op: string;
  title: string;
  testCase: Case;
  storage: WeightStorage;
  graph: CaseGraph;
  /** Of the numbers as they are stored. */
  expected(): Float64Array[];
  /** Outputs that are float16; null where no value is. */
  outputsAsHalves: readonly number[] | null;
}

function runsOf(op: string, cases: readonly Case[]): CaseRun[] {
  const inBlocks = cases.filter((testCase) => matricesOf(testCase, 'int8').some((value) => heldAs(value) === 'int8'));
  return cases.flatMap((testCase) => {
    const hasMatrices = matricesOf(testCase, 'float16').length > 0;
    const runs = [floatRun(op, testCase, 'float32'), ...(hasMatrices ? [floatRun(op, testCase, 'float16')] : [])];
    const halfRuns = [halfRun(op, testCase, 'float16')];
    const turn = inBlocks.indexOf(testCase);
    if (turn < 0) return [...runs, ...halfRuns].filter((run) => run !== null);
    if (traits.software && !everyKernel)
      return [...runs, ...halfRuns, ...someInBlocks(op, testCase, turn)].filter((run) => run !== null);
    const blockRuns = (['int8', 'int4'] as const).flatMap((storage) => [
      floatRun(op, testCase, storage),
      halfRun(op, testCase, storage),
    ]);
    return [...runs, ...halfRuns, ...blockRuns].filter((run) => run !== null);
  });
}

/** Of every third case, as a software adapter compiles a kernel in seconds: in turns of 8 and 4 bits, and of values. */
function someInBlocks(op: string, testCase: Case, turn: number): (CaseRun | null)[] {
  if (turn % 3 > 0) return [];
  return [turn % 2 === 0 ? floatRun(op, testCase, 'int8') : (halfRun(op, testCase, 'int4') ?? floatRun(op, testCase, 'int4'))];
}

function floatRun(op: string, testCase: Case, storage: WeightStorage): CaseRun {
  return {
    op,
    title: storage === 'float32' ? testCase.title : `${storage} weights: ${testCase.title}`,
    testCase,
    storage,
    graph: withWeights(caseGraph(op, testCase), storage),
    expected: () => caseReference(op, roundWeights(testCase, storage)),
    outputsAsHalves: null,
  };
}

/** Null where nothing may be float16. */
function halfRun(op: string, testCase: Case, storage: WeightStorage): CaseRun | null {
  const halved = halfCaseGraph(caseGraph(op, testCase));
  if (!halved) return null;
  const rounded = roundedCase(testCase, halved.inputs);
  const half = halfCaseGraph(withWeights(caseGraph(op, rounded), storage));
  if (!half) return null;
  const weights = storage === 'float16' ? '' : `, ${storage} weights`;
  return {
    op,
    title: `float16 values${weights}: ${testCase.title}`,
    testCase,
    storage,
    graph: half.graph,
    expected: () => caseReference(op, roundWeights(rounded, storage)),
    outputsAsHalves: half.outputs,
  };
}

/** False where the variant's kernels are the plain ones: it has nothing of its own for such shapes. */
function differsFromPlain({ graph }: CaseGraph, chosen: DeviceTraits['chosen']): boolean {
  const sources = (choice: DeviceTraits['chosen']): string[] =>
    graph.nodes.flatMap((node) =>
      opNamed(node.op)
        .kernel({ node, attributes: node.attributes as never, device: { ...traits, chosen: choice } })
        .map(({ source }) => source),
    );
  return sources(chosen).join() !== sources(plain).join();
}

async function expectRight(executor: WgslExecutor, run: CaseRun, least = 0): Promise<void> {
  const actual = await runStoredCase(executor, run.graph, run.testCase);
  const expected = run.expected();
  expect(actual.length).toBe(expected.length);
  expected.forEach((values, index) => {
    const bound = Math.max(least, run.outputsAsHalves?.includes(index) ? halfTolerance : tolerance);
    expect(relativeDeviation(actual[index] ?? [], values), `${run.op} output ${index}`).toBeLessThan(bound);
  });
}

function warningsOf(executor: WgslExecutor): string[] {
  return executor.compileNotes.flatMap(({ label, messages }) => messages.map((message) => `${label}: ${message}`));
}
