import type { SplitName } from '../api/dataset';
import type { TrainerEvent } from '../api/events';
import type { Evaluation, ModelRole } from '../api/results';
import type { TrainingSettings } from '../api/settings';
import type { TokenLoss } from '../training/languageModelEvaluator';
import type { RunEngine } from './engineRoom';
import { chooseWatched, judge, judgeWritten, watchedTexts, type Judgement, type WrittenJudgement } from './judge';
import type { AnswerSample, ClassTask, CorpusTask, RunTask } from './runTask';

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
  /** By free answers of both to the same texts; null where the task writes nothing. */
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
  base(engine: RunEngine): Promise<void>;
  /** A figure of merit on the validation texts after `step`, more is better. Null when cut short. */
  at(engine: RunEngine, step: number, proceed: () => boolean): Promise<number | null>;
  finally(engine: RunEngine, parameters: Record<ModelRole, Float32Array>): Promise<JudgedClasses | JudgedText>;
}

type Emit = (event: TrainerEvent) => void;

export function judgeOf(task: RunTask, settings: TrainingSettings, emit: Emit): RunJudge {
  return task.name === 'text' ? new TextJudge(task, emit) : new ClassJudge(task, settings, emit);
}

function finalSplit(task: RunTask): 'test' | 'validation' {
  return task.count('test') > 0 ? 'test' : 'validation';
}

/** Where nothing was trained, what is said of the base model holds for the other, too. */
function areSame({ base, tuned }: Record<ModelRole, Float32Array>): boolean {
  return tuned.every((value, index) => value === base[index]);
}

class ClassJudge implements RunJudge {
  readonly evaluations: LoggedEvaluation[] = [];
  readonly losses: LoggedLoss[] = [];
  private readonly task: ClassTask;
  private readonly settings: TrainingSettings;
  private readonly emit: Emit;
  private watched: number[] = [];
  private bestMerit = -Infinity;

  constructor(task: ClassTask, settings: TrainingSettings, emit: Emit) {
    this.task = task;
    this.settings = settings;
    this.emit = emit;
  }

  async base(engine: RunEngine): Promise<void> {
    const base = await this.judgeSplit(engine, 'validation', () => true);
    if (!base) return;
    this.watched = chooseWatched(base);
    this.tell(0, 'base', base, false);
  }

  /** Macro-F1; the loss decides between equals. */
  async at(engine: RunEngine, step: number, proceed: () => boolean): Promise<number | null> {
    const tuned = await this.judgeSplit(engine, 'validation', proceed);
    if (!tuned) return null;
    const merit = tuned.evaluation.macro.f1 - 1e-6 * Math.min(1e3, tuned.evaluation.loss);
    const best = merit > this.bestMerit;
    this.bestMerit = Math.max(this.bestMerit, merit);
    this.tell(step, 'tuned', tuned, best);
    return merit;
  }

  async finally(engine: RunEngine, parameters: Record<ModelRole, Float32Array>): Promise<JudgedClasses> {
    const { executor } = engine;
    const split = finalSplit(this.task);
    executor.writeState('parameters', parameters.base);
    const base = await this.judgeSplit(engine, split, () => true);
    const baseAnswers = await this.task.answers(engine, split, this.settings);
    const isSame = areSame(parameters);
    executor.writeState('parameters', parameters.tuned);
    const tuned = isSame ? base : await this.judgeSplit(engine, split, () => true);
    const tunedAnswers = isSame ? baseAnswers : await this.task.answers(engine, split, this.settings);
    if (!base || !tuned) throw new Error('The final evaluation was cut short.');
    const judged = ({ rows, answers }: AnswerSample): WrittenJudgement =>
      judgeWritten(split, base.split, rows, answers, this.task.labels, this.settings.seed);
    const written = baseAnswers &&
      tunedAnswers && { rows: baseAnswers.rows, base: judged(baseAnswers), tuned: judged(tunedAnswers) };
    return { kind: 'classes', base, tuned, written };
  }

  private tell(step: number, model: ModelRole, judgement: Judgement, best: boolean): void {
    const { evaluation } = judgement;
    this.evaluations.push({ step, model, evaluation });
    const watched = watchedTexts(judgement, this.watched, this.task.labels);
    this.emit({ kind: 'evaluation', step, model, evaluation, watched, best });
  }

  private async judgeSplit(engine: RunEngine, name: SplitName, proceed: () => boolean): Promise<Judgement | null> {
    const { task, settings } = this;
    const logits = await task.scores(engine, name, settings, proceed);
    return logits && judge(name, task.judged(name, settings), logits, task.labels, settings.seed);
  }
}

class TextJudge implements RunJudge {
  readonly evaluations: LoggedEvaluation[] = [];
  readonly losses: LoggedLoss[] = [];
  private readonly task: CorpusTask;
  private readonly emit: Emit;
  private least = Infinity;

  constructor(task: CorpusTask, emit: Emit) {
    this.task = task;
    this.emit = emit;
  }

  async base(engine: RunEngine): Promise<void> {
    const base = await this.task.loss(engine, 'validation', () => true);
    if (base) this.tell(0, 'base', base.loss, false);
  }

  async at(engine: RunEngine, step: number, proceed: () => boolean): Promise<number | null> {
    const tuned = await this.task.loss(engine, 'validation', proceed);
    if (!tuned) return null;
    this.tell(step, 'tuned', tuned.loss, tuned.loss < this.least);
    this.least = Math.min(this.least, tuned.loss);
    return -tuned.loss;
  }

  async finally(engine: RunEngine, parameters: Record<ModelRole, Float32Array>): Promise<JudgedText> {
    const { executor } = engine;
    const split = finalSplit(this.task);
    executor.writeState('parameters', parameters.base);
    const base = await this.task.loss(engine, split, () => true);
    executor.writeState('parameters', parameters.tuned);
    const tuned = areSame(parameters) ? base : await this.task.loss(engine, split, () => true);
    if (!base || !tuned) throw new Error('The final evaluation was cut short.');
    return { kind: 'text', split, base, tuned };
  }

  private tell(step: number, model: ModelRole, loss: number, best: boolean): void {
    this.losses.push({ step, model, loss });
    this.emit({ kind: 'text-evaluation', step, model, loss, best });
  }
}
