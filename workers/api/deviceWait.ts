import type { TrainingSettings } from './settings';

/**
 * How a run that lost its graphics device goes on: there again, there with fewer texts at once, on the processor, or to its end
 * with what it has learnt.
 */
export type WayOn = 'device' | 'smaller-batch' | 'processor' | 'stop';

/** A run that waits for its graphics device, or that its device has no room for. */
export interface DeviceWait {
  /** In the browser's words; may be empty. */
  reason: string;
  /** What found no room, in words; null where the device went away. */
  full: string | null;
  lostAtStep: number;
  /** Nothing up to this step is lost; 0: none was taken yet. */
  safeStep: number;
  /** Whether `exportSoFar` has something to pack. */
  canExport: boolean;
  /** `counting` down to the next try, `trying`, or `asking` the user, because trying by itself has led nowhere. */
  state: 'counting' | 'trying' | 'asking';
  /** From 1; 0 where nothing was tried. */
  attempt: number;
  attempts: number;
  /** Since 1970, and how long before that the wait began; null unless `counting`. */
  nextTry: { atMs: number; waitMs: number } | null;
  /** Losses without a step kept between them, this one included. */
  lossesInARow: number;
  /** Fewer texts at once and as many a step, which fit where the device was full; null where there are none. */
  smallerBatch: Pick<TrainingSettings, 'perDeviceTrainBatchSize' | 'gradientAccumulationSteps'> | null;
  /** What the rest would take on the processor, about; null where nothing is known of its pace. */
  secondsOnProcessor: number | null;
}
