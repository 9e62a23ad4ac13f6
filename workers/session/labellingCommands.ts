import { TuneletError } from '../api/errors';
import type { KeptLabelling, LabelledTable, LabellingRequest, UnlabelledFile, UnlabelledTable, UnsureQuery, UnsureRows } from '../api/labelling'; // prettier-ignore
import type { ModelRole, RunResult } from '../api/results';
import type { TrainingSettings } from '../api/settings';
import { defaultSlices } from '../api/slices';
import type { Archive } from '../api/trainerApi';
import type { Watch } from '../evaluation/watch';
import { busy } from './busy';
import { labelTexts, noClasses, readyEngine, type Labeller, type LabellerAbout, type LabelledTexts } from './labelling/labeller';
import { PredictionRoom } from './labelling/predictionRoom';
import { ExportCommands } from './exportCommands';
import type { WorkingModels } from './run/finishedRun';
import { modelIdentity, Revival } from './run/workingModels';

/** The page's commands about tables whose rows want labels. */
export abstract class LabellingCommands extends ExportCommands {
  private readonly tables = new PredictionRoom((event) => this.emit(event));

  async openUnlabelled(file: UnlabelledFile): Promise<UnlabelledTable> {
    const columns = [this.shownResult?.preparation.mapping.text, this.adapters.textColumn];
    return this.tables.open(
      file,
      columns.filter((column) => typeof column === 'string'),
    );
  }

  async labelTable(request: LabellingRequest): Promise<LabelledTable> {
    if (this.isTraining) throw busy('label a table');
    return this.tables.label(
      request,
      request.source === 'result' ? await this.labellerOfResult() : await this.labellerOfAdapter(),
    );
  }

  async resumeLabelling(): Promise<LabelledTable> {
    if (this.isTraining) throw busy('label a table');
    return this.tables.resume(async (about) => this.revived(about));
  }

  async cancelLabelling(): Promise<void> {
    this.tables.cancel();
  }

  async keptLabelling(): Promise<KeptLabelling | null> {
    return this.tables.kept();
  }

  async discardLabelling(): Promise<void> {
    await this.tables.discard();
  }

  async unsureRows(query: UnsureQuery): Promise<UnsureRows> {
    return this.tables.unsure(query);
  }

  async labelledFile(below: number | null): Promise<Archive> {
    return this.tables.file(below);
  }

  private get shownResult(): RunResult | null {
    return (this.reopened?.run ?? this.outcome)?.result ?? null;
  }

  /** The shown result's models, which stay those whatever is shown or chosen meanwhile. */
  private async labellerOfResult(): Promise<Labeller> {
    const { result } = this.judged;
    if (result.task === 'text') throw noClasses();
    const { cleaning, mapping } = result.preparation;
    const adapter = (await this.exportAdapter(defaultSlices)).blob;
    const { planner, engine } = this.connected;
    const { reopened } = this;
    const inputs = reopened ? await reopened.revival.inputs(this.chosen, planner) : this.finished.run.inputs;
    const about: LabellerAbout = {
      runName: result.name,
      model: await modelIdentity(inputs.model),
      settings: inputs.settings,
      labels: [...result.labels],
      cleaning,
      joiner: mapping.textPair?.joiner ?? '',
      adapter,
    };
    if (reopened) return this.labeller(about, () => reopened.revival.models(this.chosen, planner, engine));
    const { run } = this.finished;
    return this.labeller(about, async () => run);
  }

  private async labellerOfAdapter(): Promise<Labeller> {
    const { model } = this;
    const held = this.adapters.current;
    const { name, labels, task, textPair } = held.summary();
    if (task === 'text') throw noClasses();
    if (labels.length === 0) throw namesNoClasses(name);
    const adapter = await this.adapters.archive();
    const settings = held.evaluationSettings(model);
    return this.revived({
      runName: name,
      model: await modelIdentity(model),
      settings,
      labels,
      cleaning: held.cleaning,
      joiner: textPair?.joiner ?? '',
      adapter,
    });
  }

  private async revived(about: Omit<LabellerAbout, 'settings'> & { settings: TrainingSettings }): Promise<Labeller> {
    const { planner, engine } = this.connected;
    const revival = new Revival({ ...about, name: about.runName });
    // Refused before any row is touched.
    const { settings } = await revival.inputs(this.chosen, planner);
    return this.labeller({ ...about, settings }, () => revival.models(this.chosen, planner, engine));
  }

  private labeller(about: LabellerAbout, models: () => Promise<WorkingModels>): Labeller {
    const { engine } = this.connected;
    return {
      about,
      isWaiting: () => this.isTraining,
      label: (texts: readonly string[], model: ModelRole, watch: Watch): Promise<LabelledTexts | null> =>
        this.answer(async () => {
          const run = await models();
          return labelTexts(run, await readyEngine(run, engine), { texts, model, watch });
        }),
    };
  }
}

function namesNoClasses(adapter: string): TuneletError {
  return new TuneletError(
    'run/not-ready',
    `${adapter} answers in words and does not say which classes they name, so there is nothing to label with.`,
    'Evaluate it on a dataset with its labels first; its result can then label a file.',
  );
}
