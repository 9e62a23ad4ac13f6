import { TuneletError, reportOf } from '../../api/errors';
import type { TrainerEvent } from '../../api/events';
import type { ResumableRun } from '../../api/resumable';
import type { Dataset } from '../../data/dataset';
import type { Checkpoint } from '../../training/checkpointState';
import type { Turn } from '../../storage/turns';
import type { CheckpointRoom, StoredRun } from './checkpointRoom';
import { datasetFingerprint, layoutKey, modelFingerprint } from '../dataset/fingerprints';
import type { ChosenModel } from '../model/modelRoom';
import { CheckpointKeeper, type RunAbout, type RunKeeping } from './checkpointKeeper';
import type { RunInputs } from '../plan/runInputs';

/** What is chosen now; null where nothing is. */
export interface Chosen {
  dataset: Dataset | null;
  model: ChosenModel | null;
}

/** Where a run is computed, and what pauses it. */
interface RunPlace {
  /** "WebGPU, Apple M2". */
  device: () => string;
  pause: () => void;
  turn: Turn;
}

/** Runs under way are kept here, and those that were not finished go on from here. */
export class UnfinishedRuns {
  readonly #room: CheckpointRoom;
  readonly #emit: (event: TrainerEvent) => void;

  constructor(room: CheckpointRoom, emit: (event: TrainerEvent) => void) {
    this.#room = room;
    this.#emit = emit;
  }

  /** To keep a run; before what is kept is read for it. */
  async takeTurn(): Promise<Turn> {
    return this.#room.takeTurn();
  }

  /** How a new run is kept. */
  async begin(inputs: RunInputs, dataset: Dataset, place: RunPlace): Promise<RunKeeping> {
    const { name, labels, planned, model, continues } = inputs;
    const about = {
      run: { id: crypto.randomUUID(), name },
      labels,
      totalSteps: planned.steps.totalSteps,
      continues,
      dataset: { name: dataset.opened.name, fingerprint: await datasetFingerprint(dataset) },
      model: { name: model.summary.name, fingerprint: await modelFingerprint(model) },
      layout: await layoutKey(planned.graphs.layout),
    };
    return { keeper: this.#keeper(about, 0, place), from: null, notice: null };
  }

  /** How a run goes on. Throws 'checkpoint/version' where this version of Tunelet lays the adapter out otherwise. */
  async goOn(inputs: RunInputs, checkpoint: Checkpoint, place: RunPlace): Promise<RunKeeping> {
    await requireSameLayout(checkpoint, inputs);
    const { state, judge, settings, device, savedAtMs, order, ...about } = checkpoint;
    const now = place.device();
    const notice = device === now ? null : otherDevice(device, now);
    return { keeper: this.#keeper(about, order, place), from: checkpoint, notice };
  }

  /** The newest of them in words; null where there is none. Throws 'checkpoint/…' where it cannot be read. */
  async describe(chosen: Chosen): Promise<ResumableRun | null> {
    const kept = await this.#room.newest();
    if (kept === null) return null;
    const checkpoint = readable(kept);
    const { run, state, totalSteps, savedAtMs, model, dataset, labels, settings, device } = checkpoint;
    const [problem] = kept.problems;
    return {
      ...run,
      step: state.step,
      totalSteps,
      savedAtMs,
      modelName: model.name,
      datasetName: dataset.name,
      labels: [...labels],
      settings,
      device,
      missing: await missingOf(checkpoint, chosen),
      problem: problem ? reportOf(problem) : null,
    };
  }

  /** The newest of them, where it can go on with what is chosen. Throws 'checkpoint/…'. */
  async take(chosen: Chosen): Promise<Checkpoint> {
    const kept = await this.#room.newest();
    if (kept === null) throw noRun();
    const checkpoint = readable(kept);
    const missing = await missingOf(checkpoint, chosen);
    if (missing.includes('dataset')) throw otherData(checkpoint, chosen);
    if (missing.includes('model')) throw otherModel(checkpoint, chosen);
    return checkpoint;
  }

  /** Forgets the newest of them. */
  async discard(): Promise<void> {
    const kept = await this.#room.newest();
    if (kept) await this.#room.remove(kept.id);
  }

  #keeper(about: RunAbout, order: number, { device, pause, turn }: RunPlace): CheckpointKeeper {
    return new CheckpointKeeper({ room: this.#room, about, order, device, turn, emit: this.#emit, onFull: pause });
  }
}

async function requireSameLayout({ layout, state }: Checkpoint, { planned }: RunInputs): Promise<void> {
  const now = planned.graphs.layout;
  if (state.parameters.length === now.size && (await layoutKey(now)) === layout) return;
  throw new TuneletError(
    'checkpoint/version',
    'This run was saved by another version of Tunelet, which keeps an adapter’s numbers in another order.',
    'Discard the run and start it again: its dataset and settings can be used as they are.',
    { numbers: state.parameters.length, expected: now.size },
  );
}

function readable({ checkpoint, problems }: StoredRun): Checkpoint {
  if (checkpoint) return checkpoint;
  throw problems[0] ?? noRun();
}

async function missingOf({ dataset, model }: Checkpoint, chosen: Chosen): Promise<ResumableRun['missing']> {
  const missing: ResumableRun['missing'] = [];
  if (!chosen.dataset || (await datasetFingerprint(chosen.dataset)) !== dataset.fingerprint) missing.push('dataset');
  if (!chosen.model || (await modelFingerprint(chosen.model)) !== model.fingerprint) missing.push('model');
  return missing;
}

function noRun(): TuneletError {
  return new TuneletError('checkpoint/none', 'There is no unfinished run on this device.', 'Start a new one.');
}

function otherData({ run, dataset }: Checkpoint, chosen: Chosen): TuneletError {
  const now = chosen.dataset
    ? `The texts of ${chosen.dataset.opened.name}, with the columns, cleaning and split of now, are not the same.`
    : 'There is no dataset now.';
  return new TuneletError(
    'checkpoint/other-data',
    `${run.name} learns from ${dataset.name}. ${now}`,
    `Choose ${dataset.name} again, with the columns, cleaning and split that the run began with; or discard the run.`,
    { dataset: dataset.name },
  );
}

function otherModel({ run, model }: Checkpoint, chosen: Chosen): TuneletError {
  const name = chosen.model?.summary.name;
  const now =
    name === undefined
      ? 'There is no model now.'
      : name === model.name
        ? `The ${model.name} chosen now has the same name, and other weights or other files beside them.`
        : `The model chosen now is ${name}.`;
  return new TuneletError(
    'checkpoint/other-model',
    `${run.name} tunes ${model.name}. ${now}`,
    `Choose ${model.name} again; or discard the run.`,
    { model: model.name },
  );
}

function otherDevice(before: string, now: string): string {
  return `This run was computed on “${before}” and goes on on “${now}”: its losses are then not the same to the last digit as they would have been.`;
}
