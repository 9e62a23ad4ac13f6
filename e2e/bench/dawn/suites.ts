import type { Attributes, WeightStorage } from '../../../workers/engine/graph';
import { heldAs } from '../../../workers/engine/weightStorage';
import { createWgslExecutor, type KernelTable, type WgslExecutor } from '../../../workers/engine/wgsl/executor';
import type { DeviceTraits, Kernel, KernelContext } from '../../../workers/engine/wgsl/kernel';
import { relativeDeviation } from '../../../workers/engine/deviation';
import { caseReference } from '../../../workers/ops/caseReference';
import { opCases } from '../../../workers/ops/cases';
import { opNamed } from '../../../workers/ops/index';
import type { OpCase } from '../../../workers/ops/opCase';
import { caseGraph, type CaseGraph } from '../../../workers/testing/caseGraph';
import { halfCaseGraph, roundedCase } from '../../../workers/testing/halfCase';
import { matricesOf, roundWeights, runStoredCase, withWeights } from '../../../workers/testing/storedCase';
import { runParity, type ParityResult } from './parity';

export interface SuitesRequest {
  /** Folder of PyTorch's fixtures. */
  fixtures: string;
  /** Only the kernels that this device would take by itself, one parity run: what a software adapter compiles in minutes. */
  quick: boolean;
}

/** One op on one path of kernels with one kind of numbers, over all its cases. */
export interface OpResult {
  op: string;
  path: string;
  numbers: string;
  cases: number;
  /** The largest, in units of the largest number of the output. */
  deviation: number;
  /** What rounding explains. */
  tolerance: number;
  failures: string[];
}

export interface SuitesAnswer {
  ops: OpResult[];
  parity: ParityResult[];
  /** What a compiler said of any kernel. */
  messages: string[];
}

type Case = OpCase<Attributes>;
type Numbers = 'float32' | 'float16 weights' | 'int8 weights' | 'int4 weights' | 'float16 values';

const storages: Readonly<Record<Numbers, WeightStorage>> = {
  float32: 'float32',
  'float16 weights': 'float16',
  'int8 weights': 'int8',
  'int4 weights': 'int4',
  'float16 values': 'float16',
};
const allNumbers = Object.keys(storages).filter((name): name is Numbers => Object.hasOwn(storages, name));

/** Kernels to hold against the reference: which way of multiplying, and which variant of every choice; null: the device's own. */
interface Path {
  name: string;
  matmul?: DeviceTraits['matmul'];
  variant: string | null;
}

/** As in the kernel suites of workers/ops. */
const floatTolerance = 2e-5;
const halfTolerance = 2 ** -10 + floatTolerance;
const halfProductTolerance = 3 * 3 * 2 ** -11;

/** Every op on every path that this device offers, then the models' parity with PyTorch. */
export async function runSuites({ fixtures, quick }: SuitesRequest): Promise<SuitesAnswer> {
  const traits = await traitsOfDevice();
  const results: OpResult[] = [];
  const messages: string[] = [];
  for (const path of quick ? [ownPath] : pathsOf(traits)) {
    const bench = await OpBench.create(path);
    for (const op of Object.keys(opCases)) {
      if (!path.variant || variantsOf(op, traits).includes(path.variant)) results.push(...(await bench.run(op)));
    }
    messages.push(...bench.messages());
    bench.dispose();
    console.log(`${path.name}: ${results.filter((result) => result.path === path.name).length} suites`);
  }
  const parity = await runParity(fixtures, quick);
  return { ops: results, parity, messages };
}

const ownPath: Path = { name: 'as the device takes them', variant: null };

function pathsOf(traits: DeviceTraits): Path[] {
  const variants = new Set(Object.keys(opCases).flatMap((op) => variantsOf(op, traits)));
  const multiplied = (['direct', 'tiled'] as const).map((matmul): Path => ({ name: matmul, matmul, variant: null }));
  return [ownPath, ...multiplied, ...[...variants].map((variant): Path => ({ name: `variant ${variant}`, variant }))];
}

function variantsOf(op: string, traits: DeviceTraits): string[] {
  return (opNamed(op).choices ?? []).flatMap((choice) => [...choice.variants(traits)]);
}

async function traitsOfDevice(): Promise<DeviceTraits> {
  let traits: DeviceTraits | null = null;
  const table = tableOf((device) => (traits = device));
  const executor = await createWgslExecutor({ ops: table, maxSubmitMs: Infinity });
  const [testCase] = opCases.add;
  if (!testCase) throw new Error('add has no case.');
  (await executor.prepare(caseGraph('add', testCase).graph, testCase.counts)).dispose();
  executor.dispose();
  if (!traits) throw new Error('The executor made no kernel.');
  return traits;
}

/** The ops' kernels as `watch` wants the device described. */
function tableOf(watch: (device: DeviceTraits) => DeviceTraits, note?: (kernels: Kernel[]) => void): KernelTable {
  const entries = Object.keys(opCases).map((op) => {
    const definition = opNamed(op);
    const kernel = (context: KernelContext<never>): Kernel[] => {
      const kernels = definition.kernel({ ...context, device: watch(context.device) });
      note?.(kernels);
      return kernels;
    };
    return [op, { ...definition, kernel }] as const;
  });
  return Object.fromEntries(entries);
}

/** Runs all cases of an op on one path; all share one executor. */
class OpBench {
  private readonly path: Path;
  private readonly executor: WgslExecutor;
  private readonly made: { multipliesHalves: boolean };

  private constructor(path: Path, executor: WgslExecutor, made: { multipliesHalves: boolean }) {
    this.path = path;
    this.executor = executor;
    this.made = made;
  }

  static async create(path: Path): Promise<OpBench> {
    const made = { multipliesHalves: false };
    const { variant, matmul } = path;
    const table = tableOf(
      (device) => (variant ? { ...device, chosen: allChosen(variant) } : device),
      (kernels) => {
        made.multipliesHalves ||= kernels.some(({ source }) => source.includes('enable f16;'));
      },
    );
    const executor = await createWgslExecutor({ ops: table, maxSubmitMs: Infinity, ...(matmul ? { matmul } : {}) });
    return new OpBench(path, executor, made);
  }

  async run(op: string): Promise<OpResult[]> {
    const results = new Map<Numbers, OpResult>();
    for (const testCase of casesOf(op)) {
      for (const numbers of allNumbers) {
        const prepared = preparedCase(op, testCase, numbers);
        if (!prepared) continue;
        const result = results.get(numbers) ?? this.empty(op, numbers);
        results.set(numbers, result);
        result.cases += 1;
        await this.compare(result, testCase, prepared);
      }
    }
    return [...results.values()];
  }

  messages(): string[] {
    return this.executor.compileNotes.flatMap(({ label, messages }) =>
      messages.map((message) => `${this.path.name}, ${label}: ${message}`),
    );
  }

  dispose(): void {
    this.executor.dispose();
  }

  private empty(op: string, numbers: Numbers): OpResult {
    return { op, path: this.path.name, numbers, cases: 0, deviation: 0, tolerance: 0, failures: [] };
  }

  private async compare(result: OpResult, testCase: Case, { graph, expected, halves }: Prepared): Promise<void> {
    this.made.multipliesHalves = false;
    try {
      const actual = await runStoredCase(this.executor, graph, testCase);
      if (actual.length !== expected.length) throw new Error(`${actual.length} outputs for ${expected.length}`);
      expected.forEach((values, index) => {
        const bound = halves.includes(index) ? halfTolerance : floatTolerance;
        const tolerance = this.made.multipliesHalves ? halfProductTolerance : bound;
        const deviation = relativeDeviation(actual[index] ?? [], values);
        result.deviation = Math.max(result.deviation, deviation);
        result.tolerance = Math.max(result.tolerance, tolerance);
        if (!(deviation < tolerance)) result.failures.push(`${testCase.title}, output ${index}: ${deviation.toExponential(2)}`);
      });
    } catch (error) {
      result.failures.push(`${testCase.title}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** The case with these numbers and its reference; null where it has none to change. */
function preparedCase(op: string, testCase: Case, numbers: Numbers): Prepared | null {
  const storage = storages[numbers];
  if (numbers === 'float16 values') {
    const found = halfCaseGraph(caseGraph(op, testCase));
    if (!found) return null;
    const rounded = roundedCase(testCase, found.inputs);
    const half = halfCaseGraph(withWeights(caseGraph(op, rounded), storage));
    return half && { graph: half.graph, expected: caseReference(op, roundWeights(rounded, storage)), halves: half.outputs };
  }
  const changes = matricesOf(testCase, storage).some((value) => heldAs(value) === storage);
  if (numbers !== 'float32' && !changes) return null;
  const expected = caseReference(op, roundWeights(testCase, storage));
  return { graph: withWeights(caseGraph(op, testCase), storage), expected, halves: [] };
}

interface Prepared {
  graph: CaseGraph;
  expected: Float64Array[];
  /** Outputs that are held as float16. */
  halves: readonly number[];
}

function allChosen(variant: string): Record<string, string> {
  const names = Object.keys(opCases).flatMap((op) => (opNamed(op).choices ?? []).map((choice) => choice.name));
  return Object.fromEntries(names.map((name) => [name, variant]));
}

function casesOf(op: string): readonly Case[] {
  const found = Object.entries<readonly Case[]>(opCases).find(([name]) => name === op);
  return found?.[1] ?? [];
}
