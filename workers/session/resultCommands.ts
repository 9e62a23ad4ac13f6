import { TuneletError } from '../api/errors';
import type { ShownPrompt } from '../api/preview';
import type {
  CellQuery,
  ClassifiedText,
  Generation,
  GenerationRequest,
  Prediction,
  ResultLogits,
  RunResult,
  TypedText,
} from '../api/results';
import type { SliceChoice, SliceQuery, SlicesReport } from '../api/slices';
import { busy } from './busy';
import { againAfterLoss } from './engine/deviceRecovery';
import { generate } from './run/generate';
import type { Tuned } from './run/finishedRun';
import { resultLogits, slicesOf, textsOfCell, type Judged, type Outcome, type Working } from './run/outcome';
import { cleanedText, predict } from './run/predict';
import { PlanCommands } from './planCommands';
import type { ReopenedRun } from './kept/runRoom';
import { showPrompt } from './run/showPrompt';
import { Revival } from './run/workingModels';

/** The page's questions about the result that it shows, of this visit or a kept one. */
export abstract class ResultCommands extends PlanCommands {
  protected outcome: Outcome | null = null;
  /** A kept run that is looked at instead of `outcome`. */
  protected reopened: { run: ReopenedRun; revival: Revival } | null = null;
  /** While a question is answered, the engine getting ready is no news of a run. */
  protected isAnswering = false;
  private writing: AbortController | null = null;

  async textsOfCell(cell: CellQuery): Promise<ClassifiedText[]> {
    return textsOfCell(this.judged, cell);
  }

  async logitsOfResult(): Promise<ResultLogits> {
    return resultLogits(this.judged);
  }

  async slices(query: SliceQuery): Promise<SlicesReport> {
    return slicesOf(this.judged, query.judgedBy).report(query);
  }

  async textsOfSlice(choice: SliceChoice): Promise<ClassifiedText[]> {
    return slicesOf(this.judged, choice.query.judgedBy).wrongTexts(choice);
  }

  async predict(text: TypedText): Promise<Prediction> {
    if (this.isTraining) throw busy('try a sentence');
    const { engine } = this.connected;
    return this.answer(async () => predict(await this.working(), engine, text));
  }

  async showPrompt(text: TypedText): Promise<ShownPrompt> {
    const { reopened } = this;
    const read = cleanedText(this.judged.result.preparation, text);
    if (!reopened) return showPrompt(this.finished.run.inputs, read);
    return showPrompt(await reopened.revival.inputs(this.chosen, this.connected.planner), read);
  }

  async generate(request: GenerationRequest): Promise<Generation> {
    if (this.isTraining) throw busy('write');
    const { engine } = this.connected;
    this.writing?.abort();
    const writing = new AbortController();
    this.writing = writing;
    return this.answer(async () => generate(await this.working(), engine, request, { signal: writing.signal, emit: this.emit }));
  }

  async stopGeneration(): Promise<void> {
    this.writing?.abort();
  }

  async openRun(id: string): Promise<RunResult> {
    if (this.isTraining) throw busy('open another run');
    const run = await this.keptRuns.open(id);
    const { name, model, settings } = run.run;
    const { labels } = run.result;
    const adapter = (await this.keptRuns.adapter(id)).blob;
    this.reopened = { run, revival: new Revival({ name, model, settings, labels, adapter }) };
    return run.result;
  }

  /** A question about a finished run. */
  protected async answer<T>(work: () => Promise<T>): Promise<T> {
    return this.onEngine(async () => {
      this.isAnswering = true;
      try {
        return await againAfterLoss(work);
      } finally {
        this.isAnswering = false;
      }
    });
  }

  protected get judged(): Judged {
    return this.reopened?.run ?? this.finished;
  }

  /** What the tuned model is made of, without a device that has it. */
  protected async tuned(): Promise<Tuned> {
    if (!this.reopened) return this.finished.run;
    const inputs = await this.reopened.revival.inputs(this.chosen, this.connected.planner);
    return { inputs, tunedParameters: inputs.planned.graphs.layout.pack(inputs.startFrom ?? new Map()) };
  }

  private async working(): Promise<Working> {
    const { reopened } = this;
    if (!reopened) return this.finished;
    const { engine, planner } = this.connected;
    return { run: await reopened.revival.models(this.chosen, planner, engine), result: reopened.run.result };
  }

  protected get finished(): Outcome {
    if (this.outcome) return this.outcome;
    throw new TuneletError('run/not-ready', 'There is no finished run yet.', 'Train a model or evaluate an adapter first.');
  }
}
