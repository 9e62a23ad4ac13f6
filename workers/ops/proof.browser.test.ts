import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FindingStore } from '../engine/wgsl/kernelProof';
import { createWgslExecutor, type KernelTable, type WgslExecutor, type WgslOptions } from '../engine/wgsl/executor';
import type { Kernel, KernelContext } from '../engine/wgsl/kernel';
import { caseGraph } from '../testing/caseGraph';
import { everyKernel } from '../testing/kernelSample';
import { adaptedTiny } from '../testing/gpt2Graphs';
import { geluCases } from './gelu.cases';
import { opNamed, ops } from './index';
import { proofSource } from './proof';

const capacity = { tokens: 64, sequences: 4 };

let device: GPUDevice;

beforeAll(async () => {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('No WebGPU adapter.');
  const features: GPUFeatureName[] = ['shader-f16', 'subgroups'];
  device = await adapter.requestDevice({ requiredFeatures: features.filter((name) => adapter.features.has(name)) });
});

afterAll(() => device.destroy());

async function open(options: Partial<WgslOptions> = {}): Promise<WgslExecutor> {
  return createWgslExecutor({ ops, device, maxSubmitMs: Infinity, proof: proofSource, ...options });
}

class MemoryStore implements FindingStore {
  readonly kept = new Map<string, unknown>();
  async read(key: string): Promise<unknown> {
    return structuredClone(this.kept.get(key));
  }
  async write(key: string, value: unknown): Promise<void> {
    this.kept.set(key, structuredClone(value));
  }
}

// In float32 a session proves them (../session/run/devices.browser.test.browser.test.ts).
describe.each(everyKernel ? [false, true] : [true])('a training run, fp16 %s', (fp16) => {
  it('is proven kernel by kernel, and not again on a later visit', async () => {
    const { train, evaluate } = adaptedTiny(fp16);
    const findings = new MemoryStore();
    const first = await open({ findings });
    for (const graph of [train, evaluate]) (await prepare(first, graph)).dispose();
    expect(first.findings.excluded).toEqual([]);
    expect(first.findings.proven).toBeGreaterThan(20);
    console.log(`${first.findings.proven} kernels proven in ${first.findings.proofMs.toFixed(0)} ms, fp16 ${fp16}`);
    const again = await open({ findings });
    for (const graph of [train, evaluate]) (await prepare(again, graph)).dispose();
    expect(again.findings.proven).toBe(first.findings.proven);
    expect(again.triedKernels).toBe(0);
    first.dispose();
    again.dispose();
  });
});

/** The op's kernels with something in their source replaced. */
function spoiled(kernels: readonly Kernel[], from: string, to: string): Kernel[] {
  return kernels.map((kernel) => {
    if (!kernel.source.includes(from)) throw new Error(`${kernel.label} has no ${from}.`);
    return { ...kernel, source: kernel.source.replaceAll(from, to) };
  });
}

const gelu = opNamed('gelu');
const geluCase = geluCases[1]!;

function tableWith(variants: Readonly<Record<string, (kernels: Kernel[]) => Kernel[]>>): KernelTable {
  const names = Object.keys(variants);
  const choice = { name: 'gelu', variants: () => names, preferred: () => names.at(-1)! };
  const kernel = (context: KernelContext<never>): Kernel[] => {
    const variant = context.device.chosen['gelu'] ?? names.at(-1)!;
    return variants[variant]!(gelu.kernel(context));
  };
  return { ...ops, gelu: { kernel, choices: [choice] } };
}

const wrong = (kernels: Kernel[]): Kernel[] => spoiled(kernels, '0.5', '0.501');
const broken = (kernels: Kernel[]): Kernel[] => spoiled(kernels, 'fn main', 'fn main main');

describe('a variant gives way to the plain kernel', () => {
  it.each([
    ['that computes something else', wrong, 'deviate'],
    ['that does not compile', broken, 'compile'],
  ] as const)('%s', async (_, spoil, reason) => {
    const findings = new MemoryStore();
    for (let visit = 0; visit < 2; visit++) {
      const executor = await open({ ops: tableWith({ plain: (kernels) => kernels, fast: spoil }), findings });
      const { graph, batch } = caseGraph('gelu', geluCase);
      const program = await executor.prepare(graph, geluCase.counts);
      expect(executor.findings.excluded).toEqual([expect.stringContaining('gelu fast')]);
      if (visit === 0) expect(executor.findings.excluded[0]).toContain(reason);
      const readings = await program.run(batch, geluCase.step, true);
      const x = geluCase.inputs[0]!.values[0]!;
      const expected = 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
      expect(readings.get('out0')?.[0]).toBeCloseTo(expected, 5);
      executor.dispose();
    }
  });

  it('with everything that it gave way for being wrong, refuses the device', async () => {
    const executor = await open({ ops: tableWith({ plain: wrong, fast: wrong }) });
    await expect(executor.prepare(caseGraph('gelu', geluCase).graph, geluCase.counts)).rejects.toMatchObject({
      code: 'device/disproved',
      message: expect.stringContaining('gelu'),
    });
    executor.dispose();
  });
});

async function prepare(executor: WgslExecutor, graph: Parameters<WgslExecutor['prepare']>[0]) {
  const weights = graph.nodes.flatMap(({ inputs }) => inputs.filter((input) => input?.role.kind === 'weight'));
  executor.allocateWeights(weights.filter((input) => input !== null));
  executor.allocateParameters(100_000);
  return executor.prepare(graph, capacity);
}
