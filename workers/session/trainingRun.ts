import type { LearningRatePoint, TrainerEvent } from '../api/events';
import { TuneletError } from '../api/errors';
import type { SettledSettings, TrainingSettings } from '../api/settings';
import { initialLossScale } from '../engine/lossScale';
import { initialParameters } from '../training/initialise';
import { withMagnitudes } from '../training/magnitudes';
import { learningRateAt, type StepPlan } from '../training/schedule';
import { Trainer, type TrainingOutcome } from '../training/trainer';
import type { EngineRoom, RunEngine } from './engineRoom';
import type { ChosenModel } from './modelRoom';
import type { PlannedRun } from './runPlan';
import { judgeOf, type JudgedClasses, type JudgedText, type LoggedEvaluation, type LoggedLoss, type RunJudge } from './runJudge'; // prettier-ignore
import type { RunTask } from './runTask';

export interface RunInputs {
  name: string;
  model: ChosenModel;
  task: RunTask;
  labels: readonly string[];
  settings: SettledSettings;
  planned: PlannedRun;
  /** Tensors of an imported adapter to go on from, or null. */
  startFrom: ReadonlyMap<string, Float32Array> | null;
}

/** A run from its weights to its final judgement. */
export interface FinishedRun {
  inputs: RunInputs;
  engine: RunEngine;
  /** Null for an imported adapter that was only evaluated. */
  training: TrainingOutcome | null;
  evaluations: readonly LoggedEvaluation[];
  losses: readonly LoggedLoss[];
  /** Parameters of the base model: no adapter, an untrained head. */
  baseParameters: Float32Array;
  tunedParameters: Float32Array;
  judged: JudgedClasses | JudgedText;
}

/** One training run; commands reach it while it is under way. */
export class TrainingRun {
  private readonly inputs: RunInputs;
  private readonly emit: (event: TrainerEvent) => void;
  private trainer: Trainer | null = null;
  private wish: 'run' | 'pause' | 'stop' = 'run';
  private readonly judge: RunJudge;
  private readonly unlessStopped = (): boolean => this.wish !== 'stop';

  constructor(inputs: RunInputs, emit: (event: TrainerEvent) => void) {
    this.inputs = inputs;
    this.emit = emit;
    this.judge = judgeOf(inputs.task, inputs.settings, emit);
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

  /** Throws run/stopped where `stop` came before the first step. */
  async run(room: EngineRoom): Promise<FinishedRun> {
    const { planned, startFrom } = this.inputs;
    this.announce();
    const { engine, baseParameters } = await this.prepare(room);
    if (this.wish === 'stop') throw stoppedEarly();
    this.emit({ kind: 'phase', phase: 'evaluating-base' });
    const isBaseJudged = await this.judge.base(engine, this.unlessStopped);
    if (!isBaseJudged) throw stoppedEarly();
    if (startFrom) {
      engine.executor.writeState('parameters', planned.graphs.layout.pack(startFrom));
      if ((await this.judge.at(engine, 0, this.unlessStopped)) === null) throw stoppedEarly();
    }
    const training = await this.train(engine);
    if (training.stopped && training.steps === 0) throw stoppedEarly();
    return this.finish(engine, training, baseParameters, training.parameters);
  }

  /** Judges the adapter of `startFrom` as it is. */
  async evaluateOnly(room: EngineRoom): Promise<FinishedRun> {
    const { planned, startFrom } = this.inputs;
    if (!startFrom) throw new Error('There is no adapter to evaluate.');
    const { engine, baseParameters } = await this.prepare(room);
    return this.finish(engine, null, baseParameters, planned.graphs.layout.pack(startFrom));
  }

  private async prepare(room: EngineRoom): Promise<{ engine: RunEngine; baseParameters: Float32Array }> {
    const { model, settings, planned } = this.inputs;
    const engine = await room.prepare({ model, planned });
    const { layout } = planned.graphs;
    const initial = initialParameters(layout, settings.seed, model.base.initializerRange, engine.copies);
    const baseParameters = await withMagnitudes(engine.executor, engine.graphs.evaluate, initial);
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

  private async train(engine: RunEngine): Promise<TrainingOutcome> {
    const { settings, planned } = this.inputs;
    this.trainer = new Trainer({
      executor: engine.executor,
      program: engine.train,
      examples: planned.examples,
      settings,
      plan: planned.steps,
      lossScale: engine.graphs.fp16 ? initialLossScale : null,
      from: null,
      listener: {
        checkpoint: async () => {},
        phase: (phase) => this.emit({ kind: 'phase', phase }),
        steps: (records, progress) => this.emit({ kind: 'steps', records, progress }),
        // Once begun it goes to its end, stopped or not: what is kept hangs on it.
        evaluate: async (step, hold) => {
          const merit = await this.judge.at(engine, step, async () => {
            await hold();
            return true;
          });
          if (merit === null) throw new Error('An evaluation was cut short.');
          return merit;
        },
      },
    });
    // Wishes from the time before there was a trainer.
    if (this.wish === 'pause') this.trainer.pause();
    if (this.wish === 'stop') this.trainer.stop();
    return this.trainer.run();
  }

  private async finish(
    engine: RunEngine,
    training: TrainingOutcome | null,
    baseParameters: Float32Array,
    tunedParameters: Float32Array,
  ): Promise<FinishedRun> {
    // A stop that ended the training is done with; from here on it is another one, of the free answers.
    this.wish = 'run';
    this.emit({ kind: 'phase', phase: 'final-evaluation' });
    const judged = await this.judge.finally(engine, { base: baseParameters, tuned: tunedParameters }, this.unlessStopped);
    const { evaluations, losses } = this.judge;
    return { inputs: this.inputsOn(engine), engine, training, evaluations, losses, baseParameters, tunedParameters, judged };
  }
}

function stoppedEarly(): TuneletError {
  return new TuneletError(
    'run/stopped',
    'The run was stopped before its first step, so nothing is trained and there is no result.',
    'Your data and settings are kept: start again when you like.',
  );
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
