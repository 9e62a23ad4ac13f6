import type { SplitName } from '../../api/dataset';
import type { TrainerEvent } from '../../api/events';
import type { ModelRole } from '../../api/results';
import type { TrainingSettings } from '../../api/settings';
import type { JudgeState, SaidSoFar } from '../../training/checkpointState';
import type { TokenLoss } from '../../training/languageModelEvaluator';
import type { Proceed, Watch } from '../../evaluation/watch';
import type { RunEngine } from '../tasks/runEngine';
import { countedWatch } from '../tasks/evaluationProgress';
import { answerInTurns } from '../tasks/freeAnswers';
import { chooseWatched, judge, judgeWritten, watchedTexts, type Judgement, type WrittenJudgement } from './judge';
import { JudgeLog, type LoggedEvaluation, type LoggedLoss } from './judgeLog';
import type { ClassTask, CorpusTask, RunTask } from '../tasks/runTask';

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
  const said = from?.said ?? null;
  return task.name === 'text' ? new TextJudge(task, emit, log, said) : new ClassJudge(task, settings, emit, log, said);
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

/** What is alike for every judge: when both models are judged, on which texts, and what is remembered of it. */
abstract class ModelJudge<Task extends RunTask, Said> {
  protected readonly task: Task;
  protected readonly emit: Emit;
  protected readonly log: JudgeLog;
  private ofBase: Said | null = null;
  /** The best so far, each by the step after which it was made. */
  private readonly bests: { step: number; said: Said }[] = [];
  /** Of an earlier judge. */
  private readonly kept: SaidSoFar | null;

  constructor(task: Task, emit: Emit, log: JudgeLog, kept: SaidSoFar | null) {
    this.kept = kept;
    this.task = task;
    this.emit = emit;
    this.log = log;
  }

  /** With the parameters that the executor holds; null where `watch` ended it early. */
  protected abstract judgeSplit(engine: RunEngine, split: SplitName, watch: Watch): Promise<Said | null>;
  /** More is better. */
  protected abstract meritOf(said: Said): number;
  protected abstract tell(step: number, model: ModelRole, said: Said, best: boolean): void;
  /** Numbers out of which `fromNumbers` makes the same again. */
  protected abstract numbersOf(said: Said): Float32Array;
  protected abstract fromNumbers(numbers: Float32Array): Said;

  get evaluations(): LoggedEvaluation[] {
    return this.log.evaluations;
  }

  get losses(): LoggedLoss[] {
    return this.log.losses;
  }

  get state(): JudgeState {
    return { ...this.log.state, said: this.said };
  }

  private get said(): SaidSoFar | null {
    const best = this.bests.at(-1);
    const base = this.ofBase ? this.numbersOf(this.ofBase) : this.kept?.base;
    if (!base || !best) return this.kept;
    return { base, tuned: this.numbersOf(best.said), step: best.step };
  }

  async base(engine: RunEngine, proceed: Proceed): Promise<boolean> {
    const base = await this.judgeSplit(engine, 'validation', this.watch('validation', 1, proceed));
    if (!base) return false;
    this.ofBase = base;
    this.tell(0, 'base', base, false);
    return true;
  }

  async at(engine: RunEngine, step: number, proceed: Proceed): Promise<number | null> {
    const tuned = await this.judgeSplit(engine, 'validation', this.watch('validation', 1, proceed));
    if (!tuned) return null;
    const merit = this.meritOf(tuned);
    const best = this.log.isBest(step, merit);
    if (best) this.bests.push({ step, said: tuned });
    this.tell(step, 'tuned', tuned, best);
    return merit;
  }

  goBack(step: number): void {
    this.log.goBack(step);
    const from = this.bests.findIndex((best) => best.step > step);
    if (from >= 0) this.bests.length = from;
  }

  protected bothSoFar(step: number): Record<ModelRole, Said> | null {
    const { kept } = this;
    const best = this.bests.find((one) => one.step === step)?.said;
    const tuned = best ?? (kept?.step === step ? this.fromNumbers(kept.tuned) : null);
    const base = this.ofBase ?? (kept && this.fromNumbers(kept.base));
    return base && tuned ? { base, tuned } : null;
  }

  protected async bothFinally(engine: RunEngine, parameters: Parameters): Promise<Record<ModelRole, Said>> {
    const { executor } = engine;
    const split = finalSplit(this.task);
    const same = areSame(parameters);
    const watch = this.watch(split, same ? 1 : 2, toTheEnd);
    executor.writeState('parameters', parameters.base);
    const base = await this.judgeSplit(engine, split, watch);
    executor.writeState('parameters', parameters.tuned);
    const tuned = same ? base : await this.judgeSplit(engine, split, watch);
    if (!base || !tuned) throw new Error('The final evaluation was cut short.');
    return { base, tuned };
  }

  private watch(split: SplitName, models: 1 | 2, proceed: Proceed): Watch {
    return countedWatch({ total: models * this.task.count(split), answers: false }, proceed, this.emit);
  }
}

class ClassJudge extends ModelJudge<ClassTask, Judgement> implements RunJudge {
  private readonly settings: TrainingSettings;

  constructor(task: ClassTask, settings: TrainingSettings, emit: Emit, log: JudgeLog, kept: SaidSoFar | null) {
    super(task, emit, log, kept);
    this.settings = settings;
  }

  soFar(step: number): JudgedClasses | null {
    const both = this.bothSoFar(step);
    return both && { kind: 'classes', ...both, written: null };
  }

  async finally(engine: RunEngine, parameters: Parameters, proceed: Proceed): Promise<JudgedClasses> {
    const both = await this.bothFinally(engine, parameters);
    return { kind: 'classes', ...both, written: await this.written(engine, both.base, parameters, proceed) };
  }

  /** Macro-F1; the loss decides between equals. */
  protected override meritOf({ evaluation }: Judgement): number {
    return evaluation.macro.f1 - 1e-6 * Math.min(1e3, evaluation.loss);
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

  protected override tell(step: number, model: ModelRole, judgement: Judgement, best: boolean): void {
    const { evaluation } = judgement;
    if (model === 'base') this.log.watched = chooseWatched(judgement);
    const watched = watchedTexts(judgement, this.log.watched, this.task.labels);
    this.log.tell({ kind: 'evaluation', step, model, evaluation, watched, best });
  }

  protected override async judgeSplit(engine: RunEngine, name: SplitName, watch: Watch): Promise<Judgement | null> {
    const { task, settings } = this;
    const logits = await task.scores(engine, name, settings, watch);
    return logits && this.judgementOf(name, logits);
  }

  protected override numbersOf({ logits }: Judgement): Float32Array {
    return logits;
  }

  protected override fromNumbers(logits: Float32Array): Judgement {
    return this.judgementOf('validation', logits);
  }

  private judgementOf(name: SplitName, logits: Float32Array): Judgement {
    const { task, settings } = this;
    return judge(name, task.judged(name, settings), logits, task.labels, settings.seed);
  }
}

class TextJudge extends ModelJudge<CorpusTask, TokenLoss> implements RunJudge {
  soFar(step: number): JudgedText | null {
    const both = this.bothSoFar(step);
    return both && { kind: 'text', split: 'validation', ...both };
  }

  async finally(engine: RunEngine, parameters: Parameters): Promise<JudgedText> {
    return { kind: 'text', split: finalSplit(this.task), ...(await this.bothFinally(engine, parameters)) };
  }

  protected override judgeSplit(engine: RunEngine, split: SplitName, watch: Watch): Promise<TokenLoss | null> {
    return this.task.loss(engine, split, watch);
  }

  protected override meritOf({ loss }: TokenLoss): number {
    return -loss;
  }

  /** The bits of float64 numbers. */
  protected override numbersOf({ loss, perplexity, targets }: TokenLoss): Float32Array {
    return new Float32Array(Float64Array.of(loss, perplexity, targets).buffer);
  }

  protected override fromNumbers(bits: Float32Array): TokenLoss {
    const [loss = Number.NaN, perplexity = Number.NaN, targets = 0] = new Float64Array(bits.slice().buffer);
    return { loss, perplexity, targets };
  }

  protected override tell(step: number, model: ModelRole, { loss }: TokenLoss, best: boolean): void {
    this.log.tell({ kind: 'text-evaluation', step, model, loss, best });
  }
}
