import type { TrainingSettings } from './settings';

/** Bytes that a run holds, on the GPU or in the heap of the processor's executor, by what they are for. */
export interface RunMemory {
  weightBytes: number;
  /** Parameters, gradients and the optimizer's two moments. */
  adapterBytes: number;
  activationBytes: number;
  totalBytes: number;
}

/** A change of settings under which a run fits; as many texts a step as before. */
export interface MemoryRemedy {
  settings: Partial<Pick<TrainingSettings, 'perDeviceTrainBatchSize' | 'gradientAccumulationSteps' | 'gradientCheckpointing'>>;
  memoryBytes: number;
}

/** Why a run would not fit; it is refused before anything is loaded. */
export interface MemoryProblem {
  message: string;
  limitBytes: number;
  /** The gentlest first; empty where no change of the batch helps. */
  remedies: MemoryRemedy[];
}

/** What a run would hold, were its frozen weights stored so. */
export interface MemoryChoice {
  weightStorage: TrainingSettings['weightStorage'];
  memory: RunMemory;
  /** Whether activations are computed again: with 'auto', as the run would. */
  gradientCheckpointing: boolean;
  fits: boolean;
}

/** A run's memory by the storage of its frozen weights, before these are loaded. */
export interface MemoryEstimate {
  /** The most exact first; float32 only where the settings have it. */
  choices: MemoryChoice[];
  /** Null where the device does not tell and the user has set none. */
  limitBytes: number | null;
  limitOwner: 'user' | 'processor';
  /** False without data: then texts of max_length tokens in two classes are taken for granted. */
  isOfData: boolean;
}

/** What the user grants a run, apart from its settings. */
export interface RunGrants {
  /** Null: what the device gives. */
  memoryLimitBytes: number | null;
}
