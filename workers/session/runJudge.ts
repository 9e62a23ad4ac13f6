import type { SplitName } from '../api/dataset';
import type { TrainerEvent } from '../api/events';
import type { Evaluation, ModelRole } from '../api/results';
import type { TrainingSettings } from '../api/settings';
import type { JudgeState, ToldEvaluation } from '../training/checkpoint';
import type { TokenLoss } from '../training/languageModelEvaluator';
import type { Proceed, Watch } from '../evaluation/watch';
import type { RunEngine } from './engineRoom';
import { countedWatch } from './evaluationProgress';
import { answerInTurns } from './freeAnswers';
import { chooseWatched, judge, judgeWritten, watchedTexts, type Judgement, type WrittenJudgement } from './judge';
import type { ClassTask, CorpusTask, RunTask } from './runTask';

/** An evaluation on the validation texts during a run. */
export interface LoggedEvaluation {
  step: number;
  model: ModelRole;
  evaluation: Evaluation;
}

/** The same of plain text. */
export interface LoggedLoss {
  step: number;
  model: ModelRole;
  loss: number;
}

/** Both models judged by classes on the split that decides. */
export interface JudgedClasses {
  kind: 'classes';
  base: Judgement;
  tuned: Judgement;
  /** By free answers of both to the same texts; null where the task writes nothing, or was not let. */
  written: JudgedAnswers | null;
}

export interface JudgedAnswers {
  /** Rows of the split that were answered, ascending. */
  rows: readonly number[];
  base: WrittenJudgement;
  tuned: WrittenJudgement;
}

export interface JudgedText {
  kind: 'text';
  split: SplitName;
  base: TokenLoss;
  tuned: TokenLoss;
}

/** Judges a run's models, with whatever parameters the executor holds, and tells the page. */
export interface RunJudge {
  readonly evaluations: LoggedEvaluation[];
  readonly losses: LoggedLoss[];
  /** What another judge of the same task needs to go on. */
  readonly state: JudgeState;
  /** Of the validation texts. False where `proceed` ended it early. */
  base(engine: RunEngine, proceed: Proceed): Promise<boolean>;
  /** A figure of merit on the validation texts after `step`, more is better. Null where `proceed` ended it early. */
  at(engine: RunEngine, step: number, proceed: Proceed): Promise<number | null>;
  /** Forgets the evaluations after `step`, which is where the run goes on. */
  goBack(step: number): void;
  /** Both models on the validation texts, the tuned one as it was after `step`; null where it was not judged then. */
  soFar(step: number): JudgedClasses | JudgedText | null;
  /** `proceed` can end the free answers early, and nothing else. */
  finally(engine: RunEngine, parameters: Parameters, proceed: Proceed): Promise<JudgedClasses | JudgedText>;
}

type Parameters = Record<ModelRole, Float32Array>;

type Emit = (event: TrainerEvent) => void;

/** `from`: what an earlier judge of the run left; null for a run that begins. */
export function judgeOf(task: RunTask, settings: TrainingSettings, emit: Emit, from: JudgeState | null): RunJudge {
  const log = new JudgeLog(emit, from);
  return task.name === 'text' ? new TextJudge(task, emit, log) : new ClassJudge(task, settings, emit, log);
}

/** What a judge has said so far. */
class JudgeLog {
  watched: readonly number[];
  private readonly emit: Emit;
  private told: ToldEvaluation[];
  private bests: JudgeState['bests'];

  constructor(emit: Emit, from: JudgeState | null) {
    this.emit = emit;
    this.told = [...(from?.told ?? [])];
    this.watched = from?.watched ?? [];
    this.bests = from?.bests ?? [];
  }

  get state(): JudgeState {
    return { told: this.told, watched: this.watched, bests: this.bests };
  }

  get evaluations(): LoggedEvaluation[] {
    return this.told.flatMap((event) => {
      if (event.kind !== 'evaluation') return [];
      const { step, model, evaluation } = event;
      return [{ step, model, evaluation }];
    });
  }

  get losses(): LoggedLoss[] {
    return this.told.flatMap((event) => {
      if (event.kind !== 'text-evaluation') return [];
      const { step, model, loss } = event;
      return [{ step, model, loss }];
    });
  }

  /** Whether the judgement after `step` is the best so far. */
  isBest(step: number, merit: number): boolean {
    const before = this.bests.filter((best) => best.step < step);
    const isBest = merit > (before.at(-1)?.merit ?? -Infinity);
    this.bests = isBest ? [...before, { step, merit }] : before;
    return isBest;
  }

  /** A judgement after the same step takes the place of the one before. */
  tell(event: ToldEvaluation): void {
    this.told = [...this.told.filter(({ step, model }) => step !== event.step || model !== event.model), event];
    this.emit(event);
  }

  goBack(step: number): void {
    this.told = this.told.filter((event) => event.step <= step);
    this.bests = this.bests.filter((best) => best.step <= step);
  }
}

function finalSplit(task: RunTask): 'test' | 'validation' {
  return task.count('test') > 0 ? 'test' : 'validation';
}

const noAnswers =
  'Writing was stopped before both models had answered the same texts, so the results have no free answers. Everything else is there.';

const toTheEnd: Proceed = () => true;

/** Where nothing was trained, what is said of the base model holds for the other, too. */
function areSame({ base, tuned }: Parameters): boolean {
  return tuned.every((value, index) => value === base[index]);
}

/** The list is in the order of its steps. */
function forgetAfter(step: number, list: { step: number }[]): void {
  const from = list.findIndex((entry) => entry.step > step);
  if (from >= 0) list.length = from;
}

class ClassJudge implements RunJudge {
  private readonly log: JudgeLog;
  private readonly task: ClassTask;
  private readonly settings: TrainingSettings;
  private readonly emit: Emit;
  private baseJudgement: Judgement | null = null;
  /** The best so far, each by the step after which it was made. */
  private readonly bests: { step: number; judgement: Judgement }[] = [];

  constructor(task: ClassTask, settings: TrainingSettings, emit: Emit, log: JudgeLog) {
    this.task = task;
    this.settings = settings;
    this.emit = emit;
    this.log = log;
  }

  get evaluations(): LoggedEvaluation[] {
    return this.log.evaluations;
  }

  get losses(): LoggedLoss[] {
    return this.log.losses;
  }

  get state(): JudgeState {
    return this.log.state;
  }

  async base(engine: RunEngine, proceed: Proceed): Promise<boolean> {
    const base = await this.judgeSplit(engine, 'validation', this.watch('validation', 1, proceed));
    if (!base) return false;
    this.log.watched = chooseWatched(base);
    this.baseJudgement = base;
    this.tell(0, 'base', base, false);
    return true;
  }

  /** Macro-F1; the loss decides between equals. */
  async at(engine: RunEngine, step: number, proceed: Proceed): Promise<number | null> {
    const tuned = await this.judgeSplit(engine, 'validation', this.watch('validation', 1, proceed));
    if (!tuned) return null;
    const merit = tuned.evaluation.macro.f1 - 1e-6 * Math.min(1e3, tuned.evaluation.loss);
    const best = this.log.isBest(step, merit);
    if (best) this.bests.push({ step, judgement: tuned });
    this.tell(step, 'tuned', tuned, best);
    return merit;
  }

  goBack(step: number): void {
    this.log.goBack(step);
    forgetAfter(step, this.bests);
  }

  soFar(step: number): JudgedClasses | null {
    const tuned = this.bests.find((best) => best.step === step)?.judgement;
    return this.baseJudgement && tuned ? { kind: 'classes', base: this.baseJudgement, tuned, written: null } : null;
  }

  async finally(engine: RunEngine, parameters: Parameters, proceed: Proceed): Promise<JudgedClasses> {
    const { executor } = engine;
    const split = finalSplit(this.task);
    const same = areSame(parameters);
    const watch = this.watch(split, same ? 1 : 2, toTheEnd);
    executor.writeState('parameters', parameters.base);
    const base = await this.judgeSplit(engine, split, watch);
    executor.writeState('parameters', parameters.tuned);
    const tuned = same ? base : await this.judgeSplit(engine, split, watch);
    if (!base || !tuned) throw new Error('The final evaluation was cut short.');
    return { kind: 'classes', base, tuned, written: await this.written(engine, base, parameters, proceed) };
  }

  private async written(
    engine: RunEngine,
    { split, evaluation }: Judgement,
    parameters: Parameters,
    proceed: Proceed,
  ): Promise<JudgedAnswers | null> {
    const texts = this.task.answered(engine, evaluation.split, this.settings);
    if (!texts) return null;
    const same = areSame(parameters);
    const total = (same ? 1 : 2) * texts.rows.length;
    const watch = countedWatch({ total, answers: true }, proceed, this.emit);
    const both = await answerInTurns(texts, engine.executor, parameters, same, watch);
    if (!both) {
      this.emit({ kind: 'notice', message: noAnswers });
      return null;
    }
    const judged = (model: ModelRole): WrittenJudgement =>
      judgeWritten(evaluation.split, split, both.rows, both[model], this.task.labels, this.settings.seed);
    return { rows: both.rows, base: judged('base'), tuned: judged('tuned') };
  }

  private tell(step: number, model: ModelRole, judgement: Judgement, best: boolean): void {
    const { evaluation } = judgement;
    const watched = watchedTexts(judgement, this.log.watched, this.task.labels);
    this.log.tell({ kind: 'evaluation', step, model, evaluation, watched, best });
  }

  private watch(split: SplitName, models: 1 | 2, proceed: Proceed): Watch {
    return countedWatch({ total: models * this.task.count(split), answers: false }, proceed, this.emit);
  }

  private async judgeSplit(engine: RunEngine, name: SplitName, watch: Watch): Promise<Judgement | null> {
    const { task, settings } = this;
    const logits = await task.scores(engine, name, settings, watch);
    return logits && judge(name, task.judged(name, settings), logits, task.labels, settings.seed);
  }
}

class TextJudge implements RunJudge {
  private readonly log: JudgeLog;
  private readonly task: CorpusTask;
  private readonly emit: Emit;
  private baseLoss: TokenLoss | null = null;
  private readonly bests: { step: number; loss: TokenLoss }[] = [];

  constructor(task: CorpusTask, emit: Emit, log: JudgeLog) {
    this.task = task;
    this.emit = emit;
    this.log = log;
  }

  get evaluations(): LoggedEvaluation[] {
    return this.log.evaluations;
  }

  get losses(): LoggedLoss[] {
    return this.log.losses;
  }

  get state(): JudgeState {
    return this.log.state;
  }

  async base(engine: RunEngine, proceed: Proceed): Promise<boolean> {
    const base = await this.task.loss(engine, 'validation', this.watch('validation', 1, proceed));
    if (base) this.tell(0, 'base', base.loss, false);
    this.baseLoss = base;
    return base !== null;
  }

  async at(engine: RunEngine, step: number, proceed: Proceed): Promise<number | null> {
    const tuned = await this.task.loss(engine, 'validation', this.watch('validation', 1, proceed));
    if (!tuned) return null;
    const best = this.log.isBest(step, -tuned.loss);
    if (best) this.bests.push({ step, loss: tuned });
    this.tell(step, 'tuned', tuned.loss, best);
    return -tuned.loss;
  }

  goBack(step: number): void {
    this.log.goBack(step);
    forgetAfter(step, this.bests);
  }

  soFar(step: number): JudgedText | null {
    const tuned = this.bests.find((best) => best.step === step)?.loss;
    return this.baseLoss && tuned ? { kind: 'text', split: 'validation', base: this.baseLoss, tuned } : null;
  }

  async finally(engine: RunEngine, parameters: Parameters): Promise<JudgedText> {
    const { executor } = engine;
    const split = finalSplit(this.task);
    const same = areSame(parameters);
    const watch = this.watch(split, same ? 1 : 2, toTheEnd);
    executor.writeState('parameters', parameters.base);
    const base = await this.task.loss(engine, split, watch);
    executor.writeState('parameters', parameters.tuned);
    const tuned = same ? base : await this.task.loss(engine, split, watch);
    if (!base || !tuned) throw new Error('The final evaluation was cut short.');
    return { kind: 'text', split, base, tuned };
  }

  private tell(step: number, model: ModelRole, loss: number, best: boolean): void {
    this.log.tell({ kind: 'text-evaluation', step, model, loss, best });
  }

  private watch(split: SplitName, models: 1 | 2, proceed: Proceed): Watch {
    return countedWatch({ total: models * this.task.count(split), answers: false }, proceed, this.emit);
  }
}
