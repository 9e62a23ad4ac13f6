import type { TrainerEvent } from '../../api/events';
import { TuneletError } from '../../api/errors';
import type { WayOn } from '../../api/deviceWait';
import type { PaceEstimate } from '../../api/pace';
import { initialLossScale } from '../../engine/lossScale';
import { Trainer } from '../../training/trainer';
import type { TrainerState } from '../../training/trainerState';
import { outcomeOf, type TrainingOutcome } from '../../training/trainingOutcome';
import { batchThatFits } from '../engine/batchThatFits';
import { scheduleOf } from '../plan/rateSchedule';
import { RecoveringWork, type Standing } from '../engine/recoveringWork';
import type { RunInputs } from '../plan/runInputs';
import { RunModels } from './runModels';
import { announceRun } from './runNews';
import { divergedAdvice, halvedRate, isDiverged } from './divergence';
import type { FinishedRun } from './finishedRun';
import type { EngineRoom } from '../engine/engineRoom';
import type { RunEngine } from '../tasks/runEngine';
import { judgeOf, type JudgedClasses, type JudgedText, type RunJudge } from './runJudge';
import type { RunKeeping } from './checkpointKeeper';
import { tokensAStep, type PacedRun } from '../engine/paceRoom';

/** Null where nothing is known. */
type Pace = (run: PacedRun) => Promise<PaceEstimate | null>;

/**
 * One training run; commands reach it while it is under way. It is one long class because all of it reads and writes the same few things:
 * what is wished, what is safe, what is judged.
 */
export class TrainingRun {
  private readonly models: RunModels;
  private readonly emit: (event: TrainerEvent) => void;
  private trainer: Trainer | null = null;
  private wish: 'run' | 'pause' | 'stop' = 'run';
  private readonly judge: RunJudge;
  /** Null where nothing is trained. */
  private readonly keeping: RunKeeping | null;
  private recovery: RecoveringWork | null = null;
  /** What does not have to be done again after a device was lost. */
  private isBaseJudged = false;
  private isStartJudged = false;
  /** Where the run goes on, whatever befalls the device. */
  private safe: TrainerState | null;
  private training: TrainingOutcome | null = null;
  private givenUp: TuneletError | null = null;
  private readonly unlessStopped = (): boolean => this.wish !== 'stop';
  private readonly paceOnProcessor: Pace;

  constructor(
    inputs: RunInputs,
    emit: (event: TrainerEvent) => void,
    keeping: RunKeeping | null,
    paceOnProcessor: Pace = async () => null,
  ) {
    this.paceOnProcessor = paceOnProcessor;
    this.models = new RunModels(inputs);
    this.emit = emit;
    this.keeping = keeping;
    this.safe = keeping?.from?.state ?? null;
    this.judge = judgeOf(inputs.task, inputs.settings, emit, keeping?.from?.judge ?? null);
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
    this.recovery?.choose('stop');
  }

  /** Ends the run without a result after the batch or step under way; `run` then throws `why`. */
  giveUp(why: TuneletError): void {
    this.givenUp = why;
    this.stop();
  }

  /** How a run that waits for its device goes on. */
  goOn(way: WayOn): void {
    if (way === 'stop') this.wish = 'stop';
    this.recovery?.choose(way);
  }

  /** Keeps the run as it is after the step under way. Does nothing before the first step and after the last. */
  async checkpointNow(): Promise<void> {
    await this.trainer?.checkpointNow().catch((thrown: unknown) => {
      // The training is over, and its end is kept.
      if (!(thrown instanceof TuneletError) || thrown.code !== 'run/not-ready') throw thrown;
    });
  }

  /** Throws run/stopped where `stop` came before the first step. */
  async run(room: EngineRoom): Promise<FinishedRun> {
    announceRun(this.models.inputs, this.keeping, this.emit);
    const finished = await this.recovering(room, () => this.attempt(room)).catch((thrown: unknown) => {
      throw this.givenUp ?? thrown;
    });
    if (this.givenUp) throw this.givenUp;
    return finished;
  }

  /** The parameters before the first step; loads the base where these hang on it. */
  async initialParameters(room: EngineRoom): Promise<Float32Array> {
    const { withoutBase } = this.models;
    return withoutBase ?? this.recovering(room, async () => (await this.models.prepare(room)).baseParameters);
  }

  /** Judges the adapter of `startFrom` as it is. */
  async evaluateOnly(room: EngineRoom): Promise<FinishedRun> {
    return this.recovering(room, async () => {
      if (this.wish === 'stop') throw stoppedEarly();
      const { engine, baseParameters, tunedParameters } = await this.models.ready(room);
      return this.finish(engine, null, baseParameters, tunedParameters);
    });
  }

  /** The run as far as it has come: the best step that is kept. Throws run/not-ready before that. */
  soFar(): FinishedRun {
    const { safe, judge } = this;
    const { prepared } = this.models;
    const judged = safe && judge.soFar(safe.best.step);
    if (!prepared || !safe || !judged) {
      throw new TuneletError(
        'run/not-ready',
        'No evaluated step is kept yet, so there is no adapter to take away.',
        'Wait for the first evaluation, or stop and keep: then what is trained is judged.',
      );
    }
    const training = outcomeOf({ ...safe, stopped: true });
    return this.finished(prepared.engine, training, prepared.baseParameters, safe.best.parameters, judged);
  }

  /** Everything up to the result, or what of it is still to be done. */
  private async attempt(room: EngineRoom): Promise<FinishedRun> {
    if (this.wish === 'stop' && !this.safeStep) throw stoppedEarly();
    const { engine, baseParameters } = await this.models.prepare(room);
    if (!this.safe) await this.judgeStart(engine);
    this.training ??= await this.train(engine);
    if (this.training.stopped && this.training.steps === 0) throw stoppedEarly();
    return this.finish(engine, this.training, baseParameters, this.training.parameters);
  }

  private async judgeStart(engine: RunEngine): Promise<void> {
    const { planned, startFrom } = this.models.inputs;
    if (this.wish === 'stop') throw stoppedEarly();
    if (!this.isBaseJudged) {
      this.emit({ kind: 'phase', phase: 'evaluating-base' });
      if (!(await this.judge.base(engine, this.unlessStopped))) throw stoppedEarly();
      this.isBaseJudged = true;
    }
    if (!startFrom) return;
    engine.executor.writeState('parameters', planned.graphs.layout.pack(startFrom));
    if (this.isStartJudged) return;
    if ((await this.judge.at(engine, 0, this.unlessStopped)) === null) throw stoppedEarly();
    this.isStartJudged = true;
  }

  /** Does `work` again each time that the device is lost and there again, or had no room. */
  private async recovering<Result>(room: EngineRoom, work: () => Promise<Result>): Promise<Result> {
    this.recovery = new RecoveringWork({
      room,
      emit: this.emit,
      standing: () => this.standing(),
      batchThatFits: (full) => {
        const { settings: batch, planned, problemWithin } = this.models.inputs;
        return batchThatFits(room, full, { batch, needs: planned.needs, problemWithin });
      },
      secondsOnProcessor: (step) => this.secondsOnProcessor(step),
      goBack: (step, changes) => {
        this.trainer = null;
        this.judge.goBack(step);
        this.models.planAgain(changes);
      },
    });
    return this.recovery.do(work);
  }

  private async secondsOnProcessor(step: number): Promise<number | null> {
    const { model, task, planned } = this.models.inputs;
    // What evaluations take is not known.
    if (this.keeping === null || this.training) return null;
    const pace = await this.paceOnProcessor({ model, task: task.name, planned });
    return pace && ((planned.steps.totalSteps - step) * tokensAStep(planned)) / pace.tokensPerSecond;
  }

  private standing(): Standing {
    return {
      step: this.training?.steps ?? this.trainer?.step ?? this.safeStep,
      safeStep: this.safeStep,
      canExport: this.safe !== null && this.judge.soFar(this.safe.best.step) !== null,
      isStopping: this.wish === 'stop',
      batch: this.models.inputs.settings,
    };
  }

  /** The last step that is not lost with a device. */
  private get safeStep(): number {
    return this.training?.steps ?? this.safe?.step ?? 0;
  }

  /** Where the numbers go wrong it goes back to what is kept, once with half the rate, then to end with it. */
  private async train(engine: RunEngine): Promise<TrainingOutcome> {
    for (;;) {
      try {
        return await this.trainFrom(engine);
      } catch (thrown) {
        if (!isDiverged(thrown) || !this.safe) throw thrown;
        if (this.safe.rateHalvedAfter === null) this.halveRate(this.safe, thrown);
        else if (this.safe.step === 0) throw thrown;
        else this.endWithSafe(this.safe, thrown);
      }
    }
  }

  private halveRate(safe: TrainerState, error: TuneletError): void {
    const { settings, planned } = this.models.inputs;
    const { step } = safe;
    this.safe = { ...safe, rateHalvedAfter: step };
    this.judge.goBack(step);
    const learningRates = scheduleOf(settings, planned.steps, step);
    this.emit({ kind: 'went-back', step, fromStep: Number(error.details['step'] ?? step), learningRates });
    this.emit({ kind: 'notice', message: halvedRate(error, step, settings.learningRate) });
  }

  private endWithSafe(safe: TrainerState, error: TuneletError): void {
    this.safe = { ...safe, stopped: true };
    this.judge.goBack(safe.step);
    this.emit({ kind: 'resumed', step: safe.step });
    this.emit({ kind: 'notice', message: divergedAdvice(error, safe.step) });
  }

  private async trainFrom(engine: RunEngine): Promise<TrainingOutcome> {
    const { settings, planned } = this.models.inputs;
    this.trainer = new Trainer({
      executor: engine.executor,
      program: engine.train,
      examples: planned.examples,
      settings,
      plan: planned.steps,
      lossScale: engine.graphs.fp16 ? initialLossScale : null,
      from: this.safe,
      listener: {
        checkpoint: async (state) => {
          // What is already wrong is nothing to go back to.
          if (!state.parameters.every(Number.isFinite)) return;
          this.safe = state;
          await this.keeping?.keeper.keep(state, this.judge.state, settings);
        },
        phase: (phase) => this.emit({ kind: 'phase', phase }),
        steps: (records, progress) => this.emit({ kind: 'steps', records, progress }),
        // Once begun it goes to its end, stopped or not: what is kept hangs on it.
        evaluate: async (step, hold) => {
          const merit = await this.judge.at(engine, step, async () => {
            await hold();
            return this.givenUp === null;
          });
          if (this.givenUp) throw this.givenUp;
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
    if (this.givenUp) throw this.givenUp;
    // A stop that ended the training is done with; from here on it is another one, of the free answers.
    this.wish = 'run';
    this.emit({ kind: 'phase', phase: 'final-evaluation' });
    const judged = await this.judge.finally(engine, { base: baseParameters, tuned: tunedParameters }, this.unlessStopped);
    return this.finished(engine, training, baseParameters, tunedParameters, judged);
  }

  private finished(
    engine: RunEngine,
    training: TrainingOutcome | null,
    baseParameters: Float32Array,
    tunedParameters: Float32Array,
    judged: JudgedClasses | JudgedText,
  ): FinishedRun {
    const { evaluations, losses } = this.judge;
    return {
      inputs: this.models.inputsOn(engine),
      engine,
      training,
      evaluations,
      losses,
      baseParameters,
      tunedParameters,
      judged,
    };
  }
}

function stoppedEarly(): TuneletError {
  return new TuneletError(
    'run/stopped',
    'The run was stopped before its first step, so nothing is trained and there is no result.',
    'Your data and settings are kept: start again when you like.',
  );
}
