import { checkSettings } from '../../api/checkSettings';
import { TuneletError } from '../../api/errors';
import { wordsOf } from '../../api/labelWords';
import { defaultSettings } from '../../api/model';
import type { SettledSettings, TrainingSettings } from '../../api/settings';
import type { MemoryProblem, RunGrants } from '../../api/memory';
import type { Checkpoint } from '../../training/checkpointState';
import type { HeldAdapter } from '../model/adapterRoom';
import type { DatasetRoom } from '../dataset/datasetRoom';
import { memoryError } from './memoryProblem';
import type { ChosenModel } from '../model/modelRoom';
import type { PlanInputs, PlannedRun, RunPlanner } from './runPlan';
import type { RunTask } from '../tasks/runTask';

/** What a run is made of. */
export interface RunInputs {
  name: string;
  model: ChosenModel;
  task: RunTask;
  labels: readonly string[];
  settings: SettledSettings;
  planned: PlannedRun;
  /** Tensors of an imported adapter to begin with, or null. */
  startFrom: ReadonlyMap<string, Float32Array> | null;
  /** The run began with an imported adapter. */
  continues: boolean;
  /** The same run in another way, or on another device. */
  planWith(changes: Partial<TrainingSettings>): PlannedRun;
  /** Why it would not fit into so much (null: what the device gives), and what would; null where it fits. */
  problemWithin(limitBytes: number | null): MemoryProblem | null;
}

/** What a run is planned from. */
export interface Planning {
  model: ChosenModel;
  data: DatasetRoom;
  planner: RunPlanner;
}

/** Throws 'settings/invalid', and 'data/…' where the data cannot teach what the settings ask for. */
export async function planTask(
  { model, data, planner }: Planning,
  settings: TrainingSettings,
  labels: readonly string[],
  limitBytes: number | null,
): Promise<{ inputs: PlanInputs; planned: PlannedRun }> {
  const [problem] = checkSettings(settings, { ...model.summary, ...(labels.length > 0 && { labels }) });
  if (problem) {
    throw new TuneletError('settings/invalid', problem.message, 'Correct the setting and try again.', { setting: problem.key });
  }
  if (settings.task !== 'text' && labels.length === 0) {
    throw new TuneletError(
      'data/no-label-column',
      `${data.current.opened.name} has no labels, so there are no classes to learn.`,
      'Choose the task “text”, which needs none, or data with labels.',
    );
  }
  const task = await data.task(model, labels, settings);
  if (task.count('validation') === 0) {
    throw new TuneletError(
      'data/too-few-rows',
      `There is no row to judge the model by: of ${task.count('train')} rows none is left for validation.`,
      'Add rows, give validation a larger share, or add a validation file.',
      { trainRows: task.count('train') },
    );
  }
  const inputs = { model, task };
  return { inputs, planned: planner.plan(inputs, settings, limitBytes) };
}

/** As `inputsOf`; throws 'run/too-much-memory', too, where the run does not fit. */
export async function runInputs(
  planning: Planning,
  settings: TrainingSettings,
  adapter: HeldAdapter | null,
  { memoryLimitBytes }: RunGrants,
): Promise<RunInputs> {
  return requireRoom(await inputsOf(planning, settings, adapter, memoryLimitBytes), memoryLimitBytes);
}

/** An adapter brings its own shape and class order; the rest of the settings are the user's. Throws what `planTask` throws. */
export async function inputsOf(
  planning: Planning,
  settings: TrainingSettings,
  adapter: HeldAdapter | null,
  memoryLimitBytes: number | null,
): Promise<RunInputs> {
  const dataset = planning.data.current;
  const labels = adapter ? adapter.labelsFor(dataset.labels) : dataset.labels;
  const shaped = adapter ? adapter.shape(settings) : settings;
  const name = `${planning.model.summary.name} on ${dataset.opened.name.replace(/\.[a-z]+$/i, '')}`;
  const inputs = await plannedInputs(planning, shaped, labels, memoryLimitBytes);
  return { ...inputs, name, startFrom: adapter?.tensors ?? null, continues: adapter !== null };
}

/** Of a run that goes on: its own settings and classes. Throws as `runInputs`. */
export async function resumedInputs(
  planning: Planning,
  { run, settings, labels, continues }: Pick<Checkpoint, 'run' | 'settings' | 'labels' | 'continues'>,
  { memoryLimitBytes }: RunGrants,
): Promise<RunInputs> {
  // A setting that is newer than the checkpoint is as it is by default.
  const complete = { ...defaultSettings(planning.model.summary, null).settings, ...settings };
  const inputs = await plannedInputs(planning, complete, labels, memoryLimitBytes);
  return requireRoom({ ...inputs, name: run.name, startFrom: null, continues }, memoryLimitBytes);
}

function requireRoom(inputs: RunInputs, limitBytes: number | null): RunInputs {
  const problem = inputs.problemWithin(limitBytes);
  if (problem) throw memoryError(problem, inputs.planned.needs);
  return inputs;
}

async function plannedInputs(
  planning: Planning,
  settings: TrainingSettings,
  labels: readonly string[],
  limitBytes: number | null,
): Promise<Omit<RunInputs, 'name' | 'startFrom' | 'continues'>> {
  const { inputs, planned } = await planTask(planning, settings, labels, limitBytes);
  const { model, task } = inputs;
  const { planner } = planning;
  // The files of a run tell what it did, not what was asked for.
  const done = { ...planned.settings, labelWords: wordsOf(labels, settings.labelWords) };
  return {
    model,
    task,
    labels: task.labels,
    settings: done,
    planned,
    planWith: (changes) => planner.plan(inputs, { ...settings, ...changes }, limitBytes),
    problemWithin: (bytes) => planner.problem(inputs, settings, planned, bytes),
  };
}
