import type { LearningRatePoint, TrainerEvent } from '../api/events';
import type { Evaluation, ModelRole } from '../api/results';
import type { TrainingSettings } from '../api/settings';
import { initialLossScale } from '../engine/lossScale';
import { initialParameters } from '../training/initialise';
import { learningRateAt, type StepPlan } from '../training/schedule';
import { Trainer, type TrainingOutcome } from '../training/trainer';
import type { EngineRoom, RunEngine } from './engineRoom';
import { chooseWatched, judge, watchedTexts, type Judgement } from './judge';
import type { ChosenModel } from './modelRoom';
import type { PlannedRun } from './runPlan';
import type { AnswerSample, RunTask } from './runTask';

export interface RunInputs {
  name: string;
  model: ChosenModel;
  task: RunTask;
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
  /** Free answers of both to the same texts; null where the task writes nothing. */
  written: { base: AnswerSample; tuned: AnswerSample } | null;
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
    const { engine, baseParameters } = await this.prepare(room);
    await this.evaluateBase(engine);
    if (startFrom) {
      engine.executor.writeState('parameters', planned.graphs.layout.pack(startFrom));
      await this.evaluateAt(engine, 0, () => true);
    }
    const training = await this.train(engine);
    const pair = await this.judgeFinally(engine, baseParameters, training.parameters);
    return { inputs: this.inputsOn(engine), engine, training, evaluations: this.evaluations, ...pair };
  }

  /** Judges the adapter of `startFrom` as it is. */
  async evaluateOnly(room: EngineRoom): Promise<FinishedRun> {
    const { planned, startFrom } = this.inputs;
    if (!startFrom) throw new Error('There is no adapter to evaluate.');
    const { engine, baseParameters } = await this.prepare(room);
    const pair = await this.judgeFinally(engine, baseParameters, planned.graphs.layout.pack(startFrom));
    return { inputs: this.inputsOn(engine), engine, training: null, evaluations: [], ...pair };
  }

  private async prepare(room: EngineRoom): Promise<{ engine: RunEngine; baseParameters: Float32Array }> {
    const { model, settings, planned } = this.inputs;
    const engine = await room.prepare({ model, planned });
    const baseParameters = initialParameters(planned.graphs.layout, settings.seed, model.base.initializerRange);
    engine.executor.writeState('parameters', baseParameters);
    return { engine, baseParameters };
  }

  /** What the files of a run tell is what it did. */
  private inputsOn({ graphs }: RunEngine): RunInputs {
    const { settings, planned } = this.inputs;
    return { ...this.inputs, settings: { ...settings, fp16: graphs.fp16 }, planned: { ...planned, graphs } };
  }

  private announce(): void {
    const { name, settings, planned, labels, task } = this.inputs;
    this.emit({
      kind: 'run-started',
      name,
      settings,
      totalSteps: planned.steps.totalSteps,
      stepsPerEpoch: planned.steps.stepsPerEpoch,
      labels: [...labels],
      evaluationSteps: planned.steps.evaluationSteps,
      memoryBytes: planned.needs.memory.totalBytes,
      validationCount: task.count('validation'),
      learningRates: scheduleOf(settings, planned.steps),
    });
    if (planned.precisionNotice !== null) this.emit({ kind: 'notice', message: planned.precisionNotice });
  }

  private async evaluateBase(engine: RunEngine): Promise<void> {
    this.emit({ kind: 'phase', phase: 'evaluating-base' });
    const base = await this.judgeSplit(engine, 'validation', () => true);
    if (!base) return;
    this.watched = chooseWatched(base);
    this.emitEvaluation(0, 'base', base, false);
  }

  /** Macro-F1 on the validation texts after `step`; the loss decides between equals. Null when cut short. */
  private async evaluateAt(engine: RunEngine, step: number, proceed: () => boolean): Promise<number | null> {
    const tuned = await this.judgeSplit(engine, 'validation', proceed);
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

  private async train(engine: RunEngine): Promise<TrainingOutcome> {
    const { settings, planned } = this.inputs;
    this.trainer = new Trainer({
      executor: engine.executor,
      program: engine.train,
      examples: planned.examples,
      settings,
      plan: planned.steps,
      lossScale: engine.graphs.fp16 ? initialLossScale : null,
      listener: {
        phase: (phase) => this.emit({ kind: 'phase', phase }),
        steps: (records, progress) => this.emit({ kind: 'steps', records, progress }),
        evaluate: (step, proceed) => this.evaluateAt(engine, step, proceed),
      },
    });
    // Wishes from the time before there was a trainer.
    if (this.wish === 'pause') this.trainer.pause();
    if (this.wish === 'stop') this.trainer.stop();
    return this.trainer.run();
  }

  private async judgeFinally(
    engine: RunEngine,
    baseParameters: Float32Array,
    tunedParameters: Float32Array,
  ): Promise<JudgedPair> {
    this.emit({ kind: 'phase', phase: 'final-evaluation' });
    const { task } = this.inputs;
    const split = task.count('test') > 0 ? 'test' : 'validation';
    engine.executor.writeState('parameters', baseParameters);
    const base = await this.judgeSplit(engine, split, () => true);
    const baseAnswers = await task.answers(engine, split);
    // Nothing was trained: what is said of the base model holds for the other, too.
    const isSame = tunedParameters.every((value, index) => value === baseParameters[index]);
    engine.executor.writeState('parameters', tunedParameters);
    const tuned = isSame ? base : await this.judgeSplit(engine, split, () => true);
    const tunedAnswers = isSame ? baseAnswers : await task.answers(engine, split);
    if (!base || !tuned) throw new Error('The final evaluation was cut short.');
    const written = baseAnswers && tunedAnswers && { base: baseAnswers, tuned: tunedAnswers };
    return { baseParameters, tunedParameters, base, tuned, written };
  }

  private async judgeSplit(engine: RunEngine, name: 'validation' | 'test', proceed: () => boolean): Promise<Judgement | null> {
    const { task, settings, labels } = this.inputs;
    const logits = await task.scores(engine, name, settings, proceed);
    return logits && judge(name, task.judged(name, settings), logits, labels, settings.seed);
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
