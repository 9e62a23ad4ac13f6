import { proxy, releaseProxy, wrap, type Remote } from 'comlink';
import { errorFromReport, TuneletError } from '../../workers/api/errors';
import type { TrainerEvent } from '../../workers/api/events';
import { installErrorTransfer } from '../../workers/api/transfer';
import type { ConnectOptions, DevicePreference, DeviceReport } from '../../workers/api/device';
import type { TrainerApi } from '../../workers/api/trainerApi';
import { workerAddress } from './workerAddress';

export type Trainer = Remote<TrainerApi>;

interface RunningTrainer {
  worker: Worker;
  remote: Trainer;
  /** What the page calls: a call that the worker can answer no more is rejected. */
  trainer: Trainer;
  /** Rejects all calls under way. */
  end: (error: TuneletError) => void;
  /** Ends the watch over the worker's life. */
  watch: AbortController;
}

let running: RunningTrainer | null = null;

/** The trainer of the worker that `startTrainer` started. */
export function trainer(): Trainer {
  if (!running) {
    throw new TuneletError('run/not-ready', 'The trainer was asked for before its worker was started.', 'Reload the page.');
  }
  return running.trainer;
}

/**
 * Starts the worker and connects to it; `listener` hears its events until `stopTrainer`. `onDeath` hears when it ends without
 * that, as where the browser kills it for want of memory; calls under way reject with 'session/worker-lost' then.
 * Rejects with a TuneletError, also when the worker's script itself cannot be loaded.
 */
export async function startTrainer(
  listener: (event: TrainerEvent) => void,
  preference: DevicePreference,
  options: ConnectOptions,
  onDeath: (error: TuneletError) => void,
): Promise<DeviceReport> {
  stopTrainer();
  installErrorTransfer();
  const worker = new Worker(workerAddress, { type: 'module', name: 'trainer' });
  const remote = wrap<TrainerApi>(worker);
  let end: RunningTrainer['end'] = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    end = reject;
  });
  // Most of the time nobody waits for it.
  ended.catch(() => undefined);
  const started = { worker, remote, trainer: mortal(remote, ended), end, watch: new AbortController() };
  running = started;
  const broken = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => reject(workerFailure(event.message)), { once: true });
  });
  const lifeSign = 'locks' in navigator ? `tunelet-worker-${crypto.randomUUID()}` : null;
  const told = { ...options, ...(lifeSign !== null && { lifeSign }) };
  const baseUrl = new URL('./', document.baseURI).href;
  // What an ended worker had still sent comes after its end.
  const hear = proxy((event: TrainerEvent) => void (running === started && listener(event)));
  const device = await Promise.race([started.trainer.connect(hear, preference, baseUrl, told), broken]);
  if (lifeSign !== null) {
    void death(lifeSign, started.watch.signal).then((isDead) => {
      if (!isDead || running !== started) return;
      const error = workerLost();
      stopTrainer(error);
      onDeath(error);
    });
  }
  return device;
}

/** Ends the worker with everything that it holds. */
export function stopTrainer(error = workerEnded()): void {
  if (!running) return;
  const { worker, remote, end, watch } = running;
  running = null;
  watch.abort();
  end(error);
  remote[releaseProxy]();
  worker.terminate();
}

/** Waits for the lock that the worker holds as long as it lives; false where the waiting was ended. */
async function death(lifeSign: string, signal: AbortSignal): Promise<boolean> {
  return navigator.locks.request(lifeSign, { signal }, () => true).catch(() => false);
}

/** A worker that has ended answers nothing, and who waits for it would wait for ever. */
function mortal(remote: Trainer, ended: Promise<never>): Trainer {
  return new Proxy(remote, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function' || typeof name === 'symbol') return method;
      return (...values: unknown[]): Promise<unknown> => Promise.race([Reflect.apply(method, target, values), ended]);
    },
  });
}

function workerFailure(message: string): TuneletError {
  return errorFromReport({
    code: 'internal',
    message: `The part of the page that computes did not start: ${message || 'its script could not be loaded'}.`,
    remedy: 'Reload the page. If it happens again, try a current Chrome or Edge.',
    details: {},
  });
}

function workerLost(): TuneletError {
  return new TuneletError(
    'session/worker-lost',
    'The part of the page that computes has ended. Most likely the browser ran out of memory and ended it.',
    'It is started anew with your data, model and settings. If it happens again, take a smaller model or a smaller batch, or close other tabs.',
  );
}

function workerEnded(): TuneletError {
  return new TuneletError(
    'session/worker-lost',
    'The part of the page that computes was ended before it answered.',
    'Ask again: it has been started anew.',
  );
}
