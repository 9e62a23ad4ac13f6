import type { ErrorReport } from './errors';
import type { SettledSettings } from './settings';

/** A run on this device that was not finished. */
export interface ResumableRun {
  id: string;
  name: string;
  /** From here it goes on. */
  step: number;
  totalSteps: number;
  savedAtMs: number;
  modelName: string;
  datasetName: string;
  labels: string[];
  settings: SettledSettings;
  /** "WebGPU, Apple M2": what computed it; on another device it goes on, though not bit for bit. */
  device: string;
  /** What must be chosen before it can go on: nothing is chosen, or another than the run's. */
  missing: ('dataset' | 'model')[];
  /** Of the newest checkpoint, where that cannot be read and the one before it stands in. */
  problem: ErrorReport | null;
}
