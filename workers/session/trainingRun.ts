import type { LearningRatePoint, TrainerEvent } from '../api/events';
import type { Evaluation, ModelRole } from '../api/results';
import type { TrainingSettings } from '../api/settings';
import { initialLossScale } from '../engine/lossScale';
import { Evaluator } from '../training/evaluator';
import { classifiedSource } from '../training/examples';
import { initialParameters } from '../training/initialise';
import { learningRateAt, type StepPlan } from '../training/schedule';
import { Trainer, type TrainingOutcome } from '../training/trainer';
import type { EncodedDataset } from './encodedDataset';
import type { EngineRoom, RunEngine } from './engineRoom';
import { chooseWatched, judge, watchedTexts, type Judgement } from './judge';
import type { ChosenModel } from './modelRoom';
import type { PlannedRun } from './runPlan';

export interface RunInputs {
  name: string;
  model: ChosenModel;
  encoded: EncodedDataset;
  labels: readonly string[];
  settings: TrainingSettings;
  planned: PlannedRun;
  /** Tensors of an imported adapter to go on from, or null. */
  startFrom: ReadonlyMap<string, Float32Array> | null;
}

/** An evaluation on the validation texts during a run. */
export interface LoggedEvaluation {
  step: number;
  model: ModelRole;
  evaluation: Evaluation;
}

/** Both models judged on the split that decides, by their parameters. */
export interface JudgedPair {
  /** Parameters of the base model: no adapter, an untrained head. */
  baseParameters: Float32Array;
  tunedParameters: Float32Array;
  base: Judgement;
  tuned: Judgement;
}

/** A run from its weights to its final judgement. */
export interface FinishedRun extends JudgedPair {
  inputs: RunInputs;
  engine: RunEngine;
  /** Null for an imported adapter that was only evaluated. */
  training: TrainingOutcome | null;
  evaluations: readonly LoggedEvaluation[];
}

/** One training run; commands reach it while it is under way. */
export class TrainingRun {
  private readonly inputs: RunInputs;
  private readonly emit: (event: TrainerEvent) => void;
  private trainer: Trainer | null = null;
  private wish: 'run' | 'pause' | 'stop' = 'run';
  private watched: number[] = [];
  private bestMerit = -Infinity;
  private readonly evaluations: LoggedEvaluation[] = [];

  constructor(inputs: RunInputs, emit: (event: TrainerEvent) => void) {
    this.inputs = inputs;
    this.emit = emit;
  }

  pause(): void {
    this.wish = 'pause';
    this.trainer?.pause();
  }

  resume(): void {
    this.wish = 'run';
    this.trainer?.resume();
  }

  stop(): void {
    this.wish = 'stop';
    this.trainer?.stop();
  }

  async run(room: EngineRoom): Promise<FinishedRun> {
    const { planned, startFrom } = this.inputs;
    this.announce();
    const { engine, evaluator, baseParameters } = await this.prepare(room);
    await this.evaluateBase(evaluator);
    if (startFrom) {
      engine.executor.writeState('parameters', planned.graphs.layout.pack(startFrom));
      await this.evaluateAt(evaluator, 0, () => true);
    }
    const training = await this.train(engine, evaluator);
    const pair = await this.judgeFinally(engine, evaluator, baseParameters, training.parameters);
    return { inputs: this.inputsOn(engine), engine, training, evaluations: this.evaluations, ...pair };
  }

  /** Judges the adapter of `startFrom` as it is. */
  async evaluateOnly(room: EngineRoom): Promise<FinishedRun> {
    const { planned, startFrom } = this.inputs;
    if (!startFrom) throw new Error('There is no adapter to evaluate.');
    const { engine, evaluator, baseParameters } = await this.prepare(room);
    const pair = await this.judgeFinally(engine, evaluator, baseParameters, planned.graphs.layout.pack(startFrom));
    return { inputs: this.inputsOn(engine), engine, training: null, evaluations: [], ...pair };
  }

  private async prepare(room: EngineRoom): Promise<{ engine: RunEngine; evaluator: Evaluator; baseParameters: Float32Array }> {
    const { model, settings, planned, labels } = this.inputs;
    const engine = await room.prepare({ model, settings, planned });
    const baseParameters = initialParameters(planned.graphs.layout, settings.seed, model.base.initializerRange);
    engine.executor.writeState('parameters', baseParameters);
    const evaluator = new Evaluator(engine.evaluate, engine.evaluationCapacity, labels.length, model.padTokenId);
    return { engine, evaluator, baseParameters };
  }

  /** What the files of a run tell is what it did. */
  private inputsOn({ graphs }: RunEngine): RunInputs {
    const { settings, planned } = this.inputs;
    return { ...this.inputs, settings: { ...settings, fp16: graphs.fp16 }, planned: { ...planned, graphs } };
  }

  private announce(): void {
    const { name, settings, planned, labels, encoded } = this.inputs;
    this.emit({
      kind: 'run-started',
      name,
      settings,
      totalSteps: planned.steps.totalSteps,
      stepsPerEpoch: planned.steps.stepsPerEpoch,
      labels: [...labels],
      evaluationSteps: planned.steps.evaluationSteps,
      memoryBytes: planned.needs.memory.totalBytes,
      validationCount: encoded.count('validation'),
      learningRates: scheduleOf(settings, planned.steps),
    });
    if (planned.precisionNotice !== null) this.emit({ kind: 'notice', message: planned.precisionNotice });
  }

  private async evaluateBase(evaluator: Evaluator): Promise<void> {
    this.emit({ kind: 'phase', phase: 'evaluating-base' });
    const base = await this.judgeSplit(evaluator, 'validation', () => true);
    if (!base) return;
    this.watched = chooseWatched(base);
    this.emitEvaluation(0, 'base', base, false);
  }

  /** Macro-F1 on the validation texts after `step`; the loss decides between equals. Null when cut short. */
  private async evaluateAt(evaluator: Evaluator, step: number, proceed: () => boolean): Promise<number | null> {
    const tuned = await this.judgeSplit(evaluator, 'validation', proceed);
    if (!tuned) return null;
    const merit = tuned.evaluation.macro.f1 - 1e-6 * Math.min(1e3, tuned.evaluation.loss);
    const best = merit > this.bestMerit;
    this.bestMerit = Math.max(this.bestMerit, merit);
    this.emitEvaluation(step, 'tuned', tuned, best);
    return merit;
  }

  private emitEvaluation(step: number, model: ModelRole, judgement: Judgement, best: boolean): void {
    this.evaluations.push({ step, model, evaluation: judgement.evaluation });
    const watched = watchedTexts(judgement, this.watched, this.inputs.labels);
    this.emit({ kind: 'evaluation', step, model, evaluation: judgement.evaluation, watched, best });
  }

  private async train(engine: RunEngine, evaluator: Evaluator): Promise<TrainingOutcome> {
    const { settings, planned, model } = this.inputs;
    this.trainer = new Trainer({
      executor: engine.executor,
      program: engine.train,
      examples: classifiedSource(planned.train, model.padTokenId),
      settings,
      plan: planned.steps,
      lossScale: engine.graphs.fp16 ? initialLossScale : null,
      listener: {
        phase: (phase) => this.emit({ kind: 'phase', phase }),
        steps: (records, progress) => this.emit({ kind: 'steps', records, progress }),
        evaluate: (step, proceed) => this.evaluateAt(evaluator, step, proceed),
      },
    });
    // Wishes from the time before there was a trainer.
    if (this.wish === 'pause') this.trainer.pause();
    if (this.wish === 'stop') this.trainer.stop();
    return this.trainer.run();
  }

  private async judgeFinally(
    { executor }: RunEngine,
    evaluator: Evaluator,
    baseParameters: Float32Array,
    tunedParameters: Float32Array,
  ): Promise<JudgedPair> {
    this.emit({ kind: 'phase', phase: 'final-evaluation' });
    const split = this.inputs.encoded.count('test') > 0 ? 'test' : 'validation';
    executor.writeState('parameters', baseParameters);
    const base = await this.judgeSplit(evaluator, split, () => true);
    executor.writeState('parameters', tunedParameters);
    const tuned = await this.judgeSplit(evaluator, split, () => true);
    if (!base || !tuned) throw new Error('The final evaluation was cut short.');
    return { baseParameters, tunedParameters, base, tuned };
  }

  private async judgeSplit(evaluator: Evaluator, name: 'validation' | 'test', proceed: () => boolean): Promise<Judgement | null> {
    const { encoded, settings, labels } = this.inputs;
    const split = encoded.split(name, settings.maxLength);
    const logits = await evaluator.logits(split, proceed);
    return logits && judge(name, split, logits, labels, settings.seed);
  }
}

const mostRates = 200;

/** The rates of the steps, or of some of them evenly spaced, for drawing what is ahead. */
function scheduleOf(settings: TrainingSettings, { totalSteps, warmupSteps }: StepPlan): LearningRatePoint[] {
  const count = Math.min(totalSteps, mostRates);
  return Array.from({ length: count }, (_, index) => {
    const step = count === 1 ? totalSteps : 1 + Math.round((index * (totalSteps - 1)) / (count - 1));
    const { lrSchedulerType, learningRate } = settings;
    return { step, learningRate: learningRateAt(step - 1, lrSchedulerType, learningRate, warmupSteps, totalSteps) };
  });
}
