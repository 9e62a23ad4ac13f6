import { TuneletError } from '../../api/errors';
import type { PaceEstimate } from '../../api/pace';
import type { Executor } from '../../engine/executor';
import { nextTask } from '../../engine/nextTask';
import { deviceFindings } from '../../storage/deviceFindings';
import { tryPace } from '../../training/paceTrial';
import type { Device } from '../device';
import type { ChosenModel } from '../model/modelRoom';
import { weightsOf } from '../plan/runMemory';
import type { PlannedRun } from '../plan/runPlan';

/** A run whose pace is asked for or has been measured. */
export interface PacedRun {
  model: ChosenModel;
  task: string;
  planned: PlannedRun;
}

interface Finding {
  /** All that a step's time depends on. */
  key: string;
  /** Model and task alone. */
  kind: string;
  tokensPerSecond: number;
  basis: 'run' | 'trial';
  /** Products of one token in all layers. */
  tokenProducts: number;
}

/** A trial holds a run's weights and activations for a moment; a larger run is not tried. */
const mostTrialBytes = 768 * 1024 ** 2;
/** The first steps of a run are slower than the rest. */
const fewestSteps = 5;
const mostFindings = 100;
const zerosAtOnce = 1 << 20;

/** How fast runs go on this device: measured by runs, and before the first by a trial; kept for later visits. */
export class PaceRoom {
  private readonly device: Device;
  private readonly createExecutor: () => Promise<Executor | null>;
  private found: { key: string; findings: Promise<Finding[]> } | null = null;
  private trial: AbortController | null = null;

  /** `createExecutor`: one that nobody else uses, or null where there can be none. */
  constructor(device: Device, createExecutor: () => Promise<Executor | null>) {
    this.device = device;
    this.createExecutor = createExecutor;
  }

  /** Null where nothing is known and no trial can be made, or where the trial was ended. A newer question ends the one before. */
  async estimate(run: PacedRun): Promise<PaceEstimate | null> {
    this.endTrial();
    const trial = new AbortController();
    this.trial = trial;
    const findings = await this.findings();
    const key = keyOf(run);
    const own = findings.find((finding) => finding.key === key);
    if (own) return { tokensPerSecond: own.tokensPerSecond, basis: own.basis };
    const tokensPerSecond = await this.try(run, trial.signal);
    if (tokensPerSecond !== null) {
      await this.note({ key, kind: kindOf(run), tokensPerSecond, basis: 'trial', tokenProducts: productsOf(run) });
      return { tokensPerSecond, basis: 'trial' };
    }
    return trial.signal.aborted ? null : likely(run, await this.findings());
  }

  /** What a run has measured counts from then on. */
  async learn(run: PacedRun, { steps, tokensPerSecond }: { steps: number; tokensPerSecond: number }): Promise<void> {
    if (steps < fewestSteps || !(tokensPerSecond > 0)) return;
    await this.note({ key: keyOf(run), kind: kindOf(run), tokensPerSecond, basis: 'run', tokenProducts: productsOf(run) });
  }

  /** For work that needs the device now; the trial lets go of it after the step under way. */
  endTrial(): void {
    this.trial?.abort();
    this.trial = null;
  }

  private async try({ model, planned }: PacedRun, signal: AbortSignal): Promise<number | null> {
    if (planned.needs.memory.totalBytes > mostTrialBytes || signal.aborted) return null;
    const { graphs, examples, settings, steps, trainingCapacity } = planned;
    const executor = await this.createExecutor();
    if (!executor) return null;
    try {
      executor.allocateWeights(weightsOf(graphs));
      const zeros = new Float32Array(zerosAtOnce);
      for (const { name, shape } of model.files.tensors) {
        // Hundreds of megabytes are written and packed: the page's questions come first.
        await nextTask();
        if (signal.aborted) return null;
        const tensor = model.base.wantedTensor(name);
        if (tensor !== null) writeZeros(executor, tensor, shape, zeros);
      }
      await executor.finishWeights();
      executor.allocateParameters(graphs.layout.size);
      const program = await executor.prepare(graphs.train, trainingCapacity);
      const { perDeviceTrainBatchSize: batchSize, gradientAccumulationSteps: accumulated, seed } = settings;
      const { stepsPerEpoch } = steps;
      const parts = { executor, program, examples, batchSize, accumulated, stepsPerEpoch, seed, fp16: graphs.fp16 };
      return await tryPace(parts, signal);
    } catch (thrown) {
      // A run says what stands in its way; a trial that cannot be made leaves the time unknown.
      if (thrown instanceof TuneletError) return null;
      throw thrown;
    } finally {
      executor.dispose();
    }
  }

  private async findings(): Promise<Finding[]> {
    const key = this.storeKey;
    // A device that was lost can have given way to the processor.
    if (this.found?.key !== key) this.found = { key, findings: deviceFindings.read(key).then(readFindings) };
    return this.found.findings;
  }

  private async note(finding: Finding): Promise<void> {
    const others = (await this.findings()).filter(({ key }) => key !== finding.key);
    const found = [...others, finding].slice(-mostFindings);
    const key = this.storeKey;
    this.found = { key, findings: Promise.resolve(found) };
    await deviceFindings.write(key, found);
  }

  private get storeKey(): string {
    return `pace of ${this.device.report.label}`;
  }
}

/**
 * From a run of the same model, else from the model nearest in size: a token takes about as long as its products do, which a larger
 * model does a little faster each.
 */
function likely(run: PacedRun, findings: readonly Finding[]): PaceEstimate | null {
  const similar = findings.findLast(({ kind, basis }) => kind === kindOf(run) && basis === 'run');
  if (similar) return { tokensPerSecond: similar.tokensPerSecond, basis: 'similar-run' };
  const products = productsOf(run);
  const farness = (finding: Finding): number => Math.abs(Math.log(finding.tokenProducts / products));
  const [nearest] = findings.toSorted((a, b) => farness(a) - farness(b));
  if (!nearest) return null;
  return { tokensPerSecond: (nearest.tokensPerSecond * nearest.tokenProducts) / products, basis: 'other-model' };
}

/** On average. */
export function tokensAStep({ examples, steps }: Pick<PlannedRun, 'examples' | 'steps'>): number {
  const all = Array.from({ length: examples.count }, (_, index) => index);
  return examples.tokens(all) / steps.stepsPerEpoch;
}

function productsOf({ model }: PacedRun): number {
  return [...model.base.modules.values()].reduce((sum, { inFeatures, outFeatures }) => sum + inFeatures * outFeatures, 0);
}

function kindOf({ model: { summary, base }, task }: PacedRun): string {
  return JSON.stringify([summary.name, summary.revision, base.parameterCount, task]);
}

/** Two runs of one key take about as long a token. */
function keyOf(run: PacedRun): string {
  const { settings, graphs } = run.planned;
  return JSON.stringify([
    kindOf(run),
    settings.perDeviceTrainBatchSize,
    settings.gradientAccumulationSteps,
    settings.r,
    settings.targetModules,
    settings.layersToTransform,
    settings.modulesToSave,
    settings.useDora,
    settings.loraDropout > 0,
    settings.weightStorage,
    settings.gradientCheckpointing,
    graphs.fp16,
    // Half a power of two.
    Math.round(2 * Math.log2(Math.max(1, tokensAStep(run.planned)))),
  ]);
}

/** `zeros`: as many as are written at once, where a row is no longer. */
function writeZeros(executor: Executor, tensor: string, shape: readonly number[], zeros: Float32Array): void {
  const rowLength = shape.at(-1) ?? 1;
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const values = rowLength > zeros.length ? new Float32Array(rowLength) : zeros;
  const rowsAtOnce = Math.floor(values.length / rowLength);
  for (let rowOffset = 0; rowOffset < rows; rowOffset += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - rowOffset);
    executor.writeWeights({ tensor, rowOffset, rows: count, rowLength, values: values.subarray(0, count * rowLength) });
  }
}

/** What was kept, as far as it is what we keep. */
function readFindings(kept: unknown): Finding[] {
  return Array.isArray(kept) ? kept.filter(isFinding) : [];
}

function isFinding(kept: unknown): kept is Finding {
  if (typeof kept !== 'object' || kept === null) return false;
  const part = (name: keyof Finding): unknown => Reflect.get(kept, name);
  const basis = part('basis');
  const isMeasured = [part('tokensPerSecond'), part('tokenProducts')].every(
    (value) => typeof value === 'number' && value > 0 && Number.isFinite(value),
  );
  const isNamed = typeof part('key') === 'string' && typeof part('kind') === 'string';
  return isMeasured && isNamed && (basis === 'run' || basis === 'trial');
}
