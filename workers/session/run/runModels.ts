import type { TrainingSettings } from '../../api/settings';
import { initialParameters } from '../../training/initialise';
import { withMagnitudes } from '../../training/magnitudes';
import type { EngineRoom } from '../engine/engineRoom';
import type { WorkingModels } from './finishedRun';
import type { RunEngine } from '../tasks/runEngine';
import type { RunInputs } from '../plan/runInputs';

/** The run's programs, and the parameters of the base model: no adapter, an untrained head. */
interface PreparedModels {
  engine: RunEngine;
  baseParameters: Float32Array;
}

/** A run's base and tuned model on the device of now; what a lost device changes in how the run is computed. */
export class RunModels {
  #inputs: RunInputs;
  #changes: Partial<TrainingSettings> = {};
  #engine: RunEngine | null = null;
  /** Not drawn again after a device was lost. */
  #baseParameters: Float32Array | null = null;

  constructor(inputs: RunInputs) {
    this.#inputs = inputs;
  }

  /** The run as it is planned now. */
  get inputs(): RunInputs {
    return this.#inputs;
  }

  /** As they were prepared last; null before. */
  get prepared(): PreparedModels | null {
    return this.#engine && this.#baseParameters && { engine: this.#engine, baseParameters: this.#baseParameters };
  }

  /** The parameters before the first step, where they hang on no number of the base; else null. */
  get withoutBase(): Float32Array | null {
    const { startFrom, planned, settings, model } = this.#inputs;
    const { layout } = planned.graphs;
    if (startFrom) return layout.pack(startFrom);
    if (![...layout.tensors().keys()].every(startsWithoutBase)) return null;
    return initialParameters(layout, settings.seed, model.base.initializerRange);
  }

  /** Loads weights and compiles; the executor holds the base model's parameters then. Throws what getting a run ready throws. */
  async prepare(room: EngineRoom): Promise<PreparedModels> {
    const { model, settings, planned } = this.#inputs;
    const engine = await room.prepare({ model, planned });
    this.#engine = engine;
    if (!this.#baseParameters) {
      const initial = initialParameters(planned.graphs.layout, settings.seed, model.base.initializerRange, engine.copies);
      this.#baseParameters = await withMagnitudes(engine.executor, engine.graphs.evaluate, initial);
    }
    engine.executor.writeState('parameters', this.#baseParameters);
    return { engine, baseParameters: this.#baseParameters };
  }

  /** The base model and the adapter of `startFrom`, ready for questions. As `prepare`. */
  async ready(room: EngineRoom): Promise<WorkingModels> {
    const { startFrom } = this.#inputs;
    if (!startFrom) throw new Error('There is no adapter to ask.');
    const { engine, baseParameters } = await this.prepare(room);
    return { inputs: this.inputsOn(engine), engine, baseParameters, tunedParameters: engine.graphs.layout.pack(startFrom) };
  }

  /** The rest of the run as the device of now takes it, and with these changes. */
  planAgain(changes: Partial<TrainingSettings>): void {
    this.#changes = { ...this.#changes, ...changes };
    const { labelWords } = this.#inputs.settings;
    const planned = this.#inputs.planWith(this.#changes);
    this.#inputs = { ...this.#inputs, planned, settings: { ...planned.settings, labelWords } };
  }

  /** What the files of a run tell is what it did. */
  inputsOn({ graphs }: RunEngine): RunInputs {
    const { settings, planned } = this.#inputs;
    return { ...this.#inputs, settings: { ...settings, fp16: graphs.fp16 }, planned: { ...planned, graphs } };
  }
}

/** Matrices are drawn, and so is a head; magnitudes and modules that are trained as a whole start as the base's. */
function startsWithoutBase(tensor: string): boolean {
  return /\.lora_[AB]\.weight$|(^|\.)score\.weight$/.test(tensor);
}
