import { relativeDeviation } from '../deviation';
import type { Node } from '../graph';
import { type Findings, hashOf } from './findings';
import type { DeviceTraits, Kernel, KernelMaker } from './kernel';
import { sourcesOf, type ProofSource, type ProofTrial } from './kernelProof';
import type { CompiledPipeline, PipelineCache } from './pipelines';
import { lossToldWithinMs } from '../deviceLoss';
import { runTrials } from './trial';

/** A node's kernels, to be proven. */
export interface Claim {
  node: Node;
  kernels: readonly Kernel[];
  op: KernelMaker;
  device: DeviceTraits;
}

export interface Verdict {
  label: string;
  /** The case that was run; null where none gives these kernels, or where an earlier visit ran it. */
  title: string | null;
  /** `unknown`: no case gives these kernels. */
  outcome: 'right' | 'wrong' | 'unknown';
  /** What went wrong, for people; empty where nothing did. */
  reason: string;
}

/** Holds the kernels of a device against their references, each source once. */
export class KernelProver {
  /** By sources. */
  readonly verdicts = new Map<string, Verdict>();
  /** Time spent since the device was opened, apart from waiting for the compiler: pipelines are made for use, whether proven or not. */
  elapsedMs = 0;
  private readonly device: GPUDevice;
  private readonly pipelines: PipelineCache;
  private readonly source: ProofSource;
  private readonly findings: Findings;

  constructor(device: GPUDevice, pipelines: PipelineCache, source: ProofSource, findings: Findings) {
    this.device = device;
    this.pipelines = pipelines;
    this.source = source;
    this.findings = findings;
  }

  /** What the device makes of each claim's kernels, in order. What was tried before, here or on an earlier visit, is not run again. */
  async prove(claims: readonly Claim[]): Promise<Verdict[]> {
    const begin = performance.now();
    const fresh = new Map<string, Claim>();
    for (const claim of claims) {
      const sources = sourcesOf(claim.kernels);
      if (!this.verdicts.has(sources)) fresh.set(sources, claim);
    }
    if (fresh.size > 0) await this.proveFresh(fresh);
    this.elapsedMs += performance.now() - begin;
    return claims.map(({ kernels }) => this.verdicts.get(sourcesOf(kernels))!);
  }

  private async proveFresh(fresh: ReadonlyMap<string, Claim>): Promise<void> {
    await this.findings.load();
    const hashes = new Map<string, string>();
    await Promise.all([...fresh.keys()].map(async (sources) => hashes.set(sources, await hashOf(sources))));
    const open = [...fresh].filter(([sources, { kernels }]) => {
      const known = this.findings.proofOf(hashes.get(sources)!);
      if (known !== undefined) this.verdicts.set(sources, rememberedVerdict(kernels, known));
      return known === undefined;
    });
    const verdicts = await this.tryAll(open);
    // What goes wrong on a device that is gone says nothing of its kernels, and is not to be remembered.
    if (verdicts.some(([, { outcome }]) => outcome === 'wrong') && (await this.isLost())) {
      throw new Error('The graphics device was lost while its kernels were tried.');
    }
    for (const [sources, verdict] of verdicts) {
      this.verdicts.set(sources, verdict);
      if (verdict.outcome !== 'unknown') this.findings.setProof(hashes.get(sources)!, verdict.outcome === 'right');
    }
    await this.findings.save();
  }

  /** Waits a little: a command can fail before the device's promise says why. */
  private async isLost(): Promise<boolean> {
    const settled = new Promise<boolean>((resolve) => setTimeout(resolve, lossToldWithinMs, false));
    return Promise.race([this.device.lost.then(() => true), settled]);
  }

  private async tryAll(open: readonly (readonly [string, Claim])[]): Promise<[string, Verdict][]> {
    const compiling = Promise.all(open.map(([, { kernels }]) => this.pipelines.tryCompile(kernels)));
    // The references are computed while the device's driver compiles.
    const trials = open.map(([, { node, kernels, op, device }]) => this.source.trialOf(node, kernels, op, device));
    const begin = performance.now();
    const compiled = await compiling;
    this.elapsedMs -= performance.now() - begin;
    const verdicts: [string, Verdict][] = [];
    const runnable: { sources: string; trial: ProofTrial; pipelines: CompiledPipeline[] }[] = [];
    open.forEach(([sources, { kernels }], index) => {
      const made = compiled[index]!;
      const trial = trials[index] ?? null;
      const failure = made.find((one) => one instanceof Error);
      if (failure) verdicts.push([sources, failed(kernels, trial?.title ?? 'compiling', failure.message)]);
      else if (!trial) verdicts.push([sources, { label: labelOf(kernels), title: null, outcome: 'unknown', reason: '' }]);
      else runnable.push({ sources, trial, pipelines: pipelinesOf(trial, kernels, made) });
    });
    const results = await runTrials(
      this.device,
      runnable.map(({ trial }) => trial),
      runnable.map(({ pipelines }) => pipelines),
    );
    runnable.forEach(({ sources, trial }, index) => verdicts.push([sources, judged(trial, results[index] ?? [])]));
    return verdicts;
  }
}

/** The trial's kernels have the claim's sources, and so its pipelines. */
function pipelinesOf(
  trial: ProofTrial,
  kernels: readonly Kernel[],
  compiled: readonly (CompiledPipeline | Error)[],
): CompiledPipeline[] {
  return trial.kernels.map(({ source, label }) => {
    const pipeline = compiled[kernels.findIndex((kernel) => kernel.source === source)];
    if (!pipeline || pipeline instanceof Error) throw new Error(`The trial of ${label} has a source that its node has not.`);
    return pipeline;
  });
}

function judged(trial: ProofTrial, results: readonly Float32Array[]): Verdict {
  for (const [index, expected] of trial.expected.entries()) {
    const deviation = relativeDeviation(results[index] ?? [], expected);
    const tolerance = trial.tolerances[index] ?? 0;
    if (!(deviation <= tolerance)) {
      const size = Number.isFinite(deviation) ? `by ${deviation.toPrecision(2)}` : 'without bound';
      return failed(
        trial.kernels,
        trial.title,
        `its results deviate ${size} from the reference; rounding explains ${tolerance.toPrecision(2)}`,
      );
    }
  }
  return { label: labelOf(trial.kernels), title: trial.title, outcome: 'right', reason: '' };
}

function failed(kernels: readonly Kernel[], title: string, reason: string): Verdict {
  return { label: labelOf(kernels), title, outcome: 'wrong', reason };
}

function rememberedVerdict(kernels: readonly Kernel[], passed: boolean): Verdict {
  return {
    label: labelOf(kernels),
    title: null,
    outcome: passed ? 'right' : 'wrong',
    reason: passed ? '' : 'its results were wrong on an earlier visit',
  };
}

function labelOf(kernels: readonly Kernel[]): string {
  return [...new Set(kernels.map(({ label }) => label))].join(', ');
}
