import type { TrainerEvent } from '../../api/events';
import type { Evaluation, ModelRole } from '../../api/results';
import type { JudgeState, ToldEvaluation } from '../../training/checkpointState';

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

type EvaluationNews = Extract<TrainerEvent, { kind: 'evaluation' | 'text-evaluation' }>;

/** What a judge has said so far. */
export class JudgeLog {
  watched: readonly number[];
  private readonly emit: (event: TrainerEvent) => void;
  private told: ToldEvaluation[];
  private bests: JudgeState['bests'];

  constructor(emit: (event: TrainerEvent) => void, from: JudgeState | null) {
    this.emit = emit;
    this.told = [...(from?.told ?? [])];
    this.watched = from?.watched ?? [];
    this.bests = from?.bests ?? [];
  }

  get state(): Omit<JudgeState, 'said'> {
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
  tell(event: EvaluationNews): void {
    this.told = [...this.told.filter(({ step, model }) => step !== event.step || model !== event.model), withoutTexts(event)];
    this.emit(event);
  }

  goBack(step: number): void {
    this.told = this.told.filter((event) => event.step <= step);
    this.bests = this.bests.filter((best) => best.step <= step);
  }
}

/** The user's texts are kept with the dataset alone, and only where the user wants that. */
function withoutTexts(event: EvaluationNews): ToldEvaluation {
  if (event.kind !== 'evaluation') return event;
  return { ...event, watched: event.watched.map(({ text: _, ...rest }) => rest) };
}

/** What was told, with the texts from the dataset that it was told of. */
export function withTexts(event: ToldEvaluation, watched: readonly number[], texts: readonly string[]): EvaluationNews {
  if (event.kind !== 'evaluation') return event;
  const textOf = (at: number): string => texts[watched[at] ?? -1] ?? '';
  return { ...event, watched: event.watched.map((seen, at) => ({ text: textOf(at), ...seen })) };
}
