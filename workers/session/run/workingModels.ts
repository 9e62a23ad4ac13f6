import type { KeptRun } from '../../api/runs';
import { TuneletError } from '../../api/errors';
import type { TrainingSettings } from '../../api/settings';
import { AdapterRoom, type HeldAdapter } from '../model/adapterRoom';
import { DatasetRoom } from '../dataset/datasetRoom';
import type { EngineRoom } from '../engine/engineRoom';
import type { WorkingModels } from './finishedRun';
import type { ChosenModel } from '../model/modelRoom';
import { runInputs, type RunInputs } from '../plan/runInputs';
import { RunModels } from './runModels';
import type { RunPlanner } from '../plan/runPlan';

const silent = (): void => {};

/** What brings a tuned model back: its adapter's zip, and how it was used. */
export interface RevivedRun {
  name: string;
  model: Omit<KeptRun['model'], 'source'>;
  settings: TrainingSettings;
  labels: readonly string[];
  adapter: Blob;
}

/** Rows of each class, so that every split has some. */
const rowsOfClass = 12;

/**
 * A kept run's base and tuned model, made ready for questions when the first comes. Graphs are planned for texts; ones as long as the
 * run's stand for the dataset, which may be gone.
 */
export class Revival {
  readonly #run: RevivedRun;
  #inputs: RunInputs | null = null;
  #models: WorkingModels | null = null;

  constructor(run: RevivedRun) {
    this.#run = run;
  }

  /** Throws 'run/not-ready' where another base model is chosen, and what an adapter that does not fit throws. */
  async inputs(chosen: ChosenModel | null, planner: RunPlanner): Promise<RunInputs> {
    this.#inputs ??= await this.#plan(chosen, planner);
    return this.#inputs;
  }

  /** As `inputs`, and what getting a run ready throws. */
  async models(chosen: ChosenModel | null, planner: RunPlanner, engine: EngineRoom): Promise<WorkingModels> {
    this.#models ??= await new RunModels(await this.inputs(chosen, planner)).ready(engine);
    return this.#models;
  }

  async #plan(chosen: ChosenModel | null, planner: RunPlanner): Promise<RunInputs> {
    const { name, settings, labels } = this.#run;
    const model = await requireSameModel(this.#run, chosen);
    const adapter = await keptAdapter(this.#run, model);
    const data = new DatasetRoom(silent);
    await data.load({ train: standIn(labels, settings.maxLength) });
    await data.map({ text: 'text', label: labels.length === 0 ? '' : 'label' });
    const inputs = await runInputs({ model, data, planner }, settings, adapter, { memoryLimitBytes: null });
    return { ...inputs, name };
  }
}

/** A kept adapter, ready to begin with. Throws what an adapter that does not fit throws. */
export async function keptAdapter(
  { labels, adapter }: Pick<RevivedRun, 'labels' | 'adapter'>,
  model: ChosenModel,
): Promise<HeldAdapter> {
  const adapters = new AdapterRoom();
  const { task, labels: own } = await adapters.import([new File([adapter], 'adapter.zip')], model);
  // Names that the user gave to an adapter's classes.
  if (task === 'head' && own.join('\n') !== labels.join('\n')) adapters.nameLabels(labels);
  return adapters.current;
}

/** Throws 'run/not-ready' where no model or another one than the run's is chosen, if only in its numbers. */
export async function requireSameModel(run: Pick<RevivedRun, 'model'>, chosen: ChosenModel | null): Promise<ChosenModel> {
  if (!chosen || !isSameModel(run, chosen)) throw otherModel(run, chosen);
  const { weightsHash } = run.model;
  if (weightsHash !== undefined && (await chosen.files.weightsHash()) !== weightsHash) throw otherWeights(run);
  return chosen;
}

/** By what a base model is known again. */
export async function modelIdentity({ summary, files }: ChosenModel): Promise<RevivedRun['model']> {
  const file = files.format === 'gguf' ? (files.weightFiles[0] ?? null) : null;
  const weightsHash = await files.weightsHash();
  return { name: summary.name, revision: summary.revision, file, ...(weightsHash !== null && { weightsHash }) };
}

/** A model of the same name in another revision would be another base. */
function isSameModel({ model: wanted }: Pick<RevivedRun, 'model'>, { summary, files }: ChosenModel): boolean {
  const isSameFile = wanted.file === null || files.weightFiles.includes(wanted.file);
  return summary.name === wanted.name && summary.revision === wanted.revision && isSameFile;
}

function otherModel({ model }: Pick<RevivedRun, 'model'>, chosen: ChosenModel | null): TuneletError {
  const now = chosen ? `${chosen.summary.name} is chosen now` : 'no base model is chosen now';
  const at = model.revision === null ? '' : `, revision ${model.revision.slice(0, 12)}`;
  return new TuneletError(
    'run/not-ready',
    `This run tuned ${model.name}${at}, and ${now}, so its adapter cannot be used.`,
    `Choose ${model.name} on Prepare, then come back: everything else of the run is here.`,
    { model: model.name },
  );
}

function otherWeights({ model }: Pick<RevivedRun, 'model'>): TuneletError {
  return new TuneletError(
    'run/not-ready',
    `This run tuned ${model.name}; the model chosen now has the same name, and other weights: its files do not hold the same bytes.`,
    `Drop the files of ${model.name} that the run was made with. Everything else of the run is here.`,
    { model: model.name },
  );
}

function standIn(labels: readonly string[], maxLength: number): File {
  const long = 'a few words of no account '.repeat(Math.ceil(maxLength / 3));
  const rows = (labels.length === 0 ? [null] : labels).flatMap((label) =>
    Array.from({ length: rowsOfClass }, (_, row) => JSON.stringify({ text: `${row} ${long}`, ...(label !== null && { label }) })),
  );
  return new File([rows.join('\n')], 'stand-in.jsonl');
}
