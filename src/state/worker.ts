import { reportOf, TuneletError } from '../../workers/api/errors';
import type { DevicePreference } from '../../workers/api/device';
import { startTrainer, stopTrainer, trainer } from '../client/trainerClient';
import { chooseModel, readDataset } from './commands';
import { handleEvent } from './events';
import { givenToken, refreshKept } from './hubCommands';
import { tellKeeping } from './keeping';
import { refreshRuns } from './keptRuns';
import { refreshLabelling } from './labelling';
import { inOrder } from './queue';
import { continueRun } from './resume';
import { isRunning } from './run';
import { clearRun, receiveRunEvent, runStore } from './runStore';
import { addNotice, announce, sessionStore, type WorkerContent } from './session';
import { tabsStore, trainsHere } from './tabs';
import { setTuning, tuningStore } from './tuning';

/**
 * Starts a new worker on another device and gives it the same model, files, columns and split again.
 * A finished run and an imported adapter are gone with the old worker.
 */
export async function switchDevice(preference: DevicePreference): Promise<void> {
  clearRun();
  await renewWorker(preference, sessionStore.getState());
}

/** Measures kernels, or does not: a new worker on the same device, as `switchDevice` does it. */
export async function switchTuning(isOn: boolean): Promise<void> {
  setTuning(isOn);
  await switchDevice(sessionStore.getState().preference);
}

/** Starts a worker on a device and tells it what does not change with it; false where there is no device. */
export async function startWorker(preference: DevicePreference): Promise<boolean> {
  sessionStore.setState({ preference, device: null, deviceError: null, runError: null });
  try {
    const options = { tune: tuningStore.getState().isOn };
    const device = await inOrder(() => startTrainer(handleEvent, preference, options, (error) => void onDeath(error)));
    sessionStore.setState({ device });
    // It lives in the worker's memory, and this worker is new.
    const token = givenToken();
    if (token !== null) await trainer().setHubToken(token);
    await tellKeeping();
    void refreshKept();
    void refreshRuns();
    void refreshLabelling();
    announce(`Ready on ${device.label}.`);
    return true;
  } catch (thrown) {
    sessionStore.setState({ deviceError: reportOf(thrown) });
    return false;
  }
}

/** A new worker with this model and this dataset, prepared as it was. */
export async function renewWorker(preference: DevicePreference, content: WorkerContent): Promise<void> {
  const { dataset, datasetFiles, readChoices, modelSource } = content;
  sessionStore.setState({ adapter: null, adapterError: null, dataset: null, model: null, modelSource: null, plan: null });
  if (!(await startWorker(preference))) return;
  await chooseModel(modelSource ?? { kind: 'embedded' });
  if (!dataset) return;
  await readDataset(datasetFiles, readChoices, async () => {
    const read = await (datasetFiles
      ? trainer().loadDataset(datasetFiles, readChoices)
      : dataset.hub
        ? trainer().loadHubDataset(dataset.hub)
        : trainer().loadSample());
    const { mapping, cleaning, splitOptions } = dataset;
    if (JSON.stringify(mapping) !== JSON.stringify(read.mapping)) await trainer().mapColumns(mapping);
    await trainer().cleanDataset(cleaning);
    return trainer().splitDataset(splitOptions);
  });
}

/** Ends a worker that answers nothing any more, and goes on as where one ends by itself. */
export async function replaceWorker(): Promise<void> {
  const error = new TuneletError(
    'session/worker-lost',
    'The part of the page that computes was ended, as you asked.',
    'It is started anew with your data, model and settings.',
  );
  stopTrainer(error);
  await onDeath(error);
}

const mostDeaths = 3;
const deathsWithinMs = 5 * 60_000;
let deathsMs: number[] = [];

/** The worker has ended by itself: what the page knows is given to a new one. One that ends again and again is left. */
async function onDeath(error: TuneletError): Promise<void> {
  const nowMs = performance.now();
  deathsMs = [...deathsMs.filter((diedMs) => nowMs - diedMs < deathsWithinMs), nowMs];
  const report = reportOf(error);
  const before = sessionStore.getState();
  const wasTraining = trainsHere();
  // A run that this tab only shows is not this worker's.
  if (isRunning(runStore.getState()) && !tabsStore.getState().elsewhere) {
    receiveRunEvent({ kind: 'phase', phase: 'failed' });
    receiveRunEvent({ kind: 'run-failed', error: report });
  } else {
    // What it could tell of a finished run is gone with it.
    clearRun();
    addNotice(`${report.message} ${report.remedy}`);
  }
  sessionStore.setState({ datasetLoading: null, modelLoading: null, tokenising: null, planPending: false, evaluating: false });
  announce(report.message);
  if (deathsMs.length >= mostDeaths) {
    sessionStore.setState({ device: null, deviceError: report });
    return;
  }
  await renewWorker(before.preference, before);
  // Where nothing was saved yet, what is shown of the failed run stays.
  const unfinished = wasTraining
    ? await trainer()
        .resumableRun()
        .catch(() => null)
    : null;
  if (unfinished?.missing.length === 0) await continueRun('wait');
}
