import { proxy, releaseProxy, wrap, type Remote } from 'comlink';
import { errorFromReport, TuneletError } from '../../workers/api/errors';
import type { TrainerEvent } from '../../workers/api/events';
import { installErrorTransfer } from '../../workers/api/transfer';
import type { ConnectOptions, DevicePreference, DeviceReport, TrainerApi } from '../../workers/api/trainerApi';
import { workerAddress } from './workerAddress';

export type Trainer = Remote<TrainerApi>;

let running: { worker: Worker; trainer: Trainer } | null = null;

/** The trainer of the worker that `startTrainer` started. */
export function trainer(): Trainer {
  if (!running) {
    throw new TuneletError('run/not-ready', 'The trainer was asked for before its worker was started.', 'Reload the page.');
  }
  return running.trainer;
}

/**
 * Starts the worker and connects to it; `listener` hears its events until `stopTrainer`.
 * Rejects with a TuneletError, also when the worker's script itself cannot be loaded.
 */
export async function startTrainer(
  listener: (event: TrainerEvent) => void,
  preference: DevicePreference,
  options: ConnectOptions,
): Promise<DeviceReport> {
  stopTrainer();
  installErrorTransfer();
  const worker = new Worker(workerAddress, { type: 'module', name: 'trainer' });
  running = { worker, trainer: wrap<TrainerApi>(worker) };
  const broken = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => reject(workerFailure(event.message)), { once: true });
  });
  return Promise.race([
    running.trainer.connect(proxy(listener), preference, new URL('./', document.baseURI).href, options),
    broken,
  ]);
}

/** Ends the worker with everything that it holds. */
export function stopTrainer(): void {
  if (!running) return;
  running.trainer[releaseProxy]();
  running.worker.terminate();
  running = null;
}

function workerFailure(message: string): TuneletError {
  return errorFromReport({
    code: 'internal',
    message: `The part of the page that computes did not start: ${message || 'its script could not be loaded'}.`,
    remedy: 'Reload the page. If it happens again, try a current Chrome or Edge.',
    details: {},
  });
}
