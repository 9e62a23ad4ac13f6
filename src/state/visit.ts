import { reportOf } from '../../workers/api/errors';
import type { ModelSource } from '../../workers/api/model';
import type { DevicePreference } from '../../workers/api/device';
import { trainer } from '../client/trainerClient';
import { beginReading, chooseModel } from './commands';
import { keepingStore } from './keeping';
import { firstVisit, recallVisit, rememberVisit, type Visit } from './lastVisit';
import { inOrder } from './queue';
import { addNotice, announce, sessionStore } from './session';
import { settingsStore } from './settings';
import { startWorker } from './worker';

/** Starts the worker and brings back dataset, model and settings of the last visit; without one, the embedded model. */
export async function beginVisit(preference: DevicePreference): Promise<void> {
  const visit = keepingStore.getState().isWanted ? recallVisit() : firstVisit;
  settingsStore.setState({ texts: visit.settings });
  // So that the page of a first visit does not show up for a moment.
  if (visit.dataset !== null) showReading(visit.dataset);
  const isLast = beginReading();
  if (!(await startWorker(preference))) {
    sessionStore.setState({ datasetLoading: null });
    return;
  }
  await Promise.all([bringBackDataset(visit.dataset, isLast), bringBackModel(visit)]);
}

/** The user may have dropped another dataset meanwhile, also before the worker was there: that one stays. */
export async function bringBackDataset(name: string | null, isLast = beginReading()): Promise<void> {
  try {
    const restored = await inOrder(async () => (isLast() ? trainer().restoreDataset() : null));
    if (!isLast()) return;
    if (restored) {
      const { dataset, files, choices } = restored;
      sessionStore.setState({ dataset, datasetFiles: files, readChoices: choices });
      announce(`${dataset.name} is back: ${dataset.rowCount} rows.`);
    } else if (name !== null) {
      forgetDataset();
      addNotice(
        `${name} is no longer on this device: the browser has cleared it. Drop it again; your settings are as they were.`,
      );
    }
  } catch (thrown) {
    const { code, message, remedy } = reportOf(thrown);
    // Whoever stopped the reading, or dropped another file, knows.
    if (code === 'data/cancelled') return;
    if (code.startsWith('data/')) forgetDataset();
    addNotice(`${message} ${remedy}`);
  } finally {
    if (isLast()) sessionStore.setState({ datasetLoading: null });
  }
}

/** So that its loss is told once. */
function forgetDataset(): void {
  rememberVisit({ ...recallVisit(), dataset: null });
}

/** A model that is there in place of the one of the last visit, which stays the one to bring back. */
let standIn: ModelSource | null = null;

async function bringBackModel({ model }: Visit): Promise<void> {
  if (await hasModel()) return;
  const { modelError: refused } = sessionStore.getState();
  if (model.kind !== 'files') {
    await chooseModel(model);
    if (await hasModel()) {
      if (refused) sessionStore.setState({ modelError: refused });
      return;
    }
  }
  const modelError = refused ?? sessionStore.getState().modelError;
  standIn = { kind: 'embedded' };
  await chooseModel(standIn);
  if (modelError) sessionStore.setState({ modelError });
  if (model.kind === 'files')
    addNotice(
      `The files of the model ${model.name} cannot be kept here. Choose them again under Model; until then it is nano-gpt2.`,
    );
}

/** Whether there is a model, once what the user has chosen meanwhile is read: that goes first, and stays. */
async function hasModel(): Promise<boolean> {
  do await inOrder(async () => undefined);
  while (sessionStore.getState().modelLoading !== null);
  return sessionStore.getState().model !== null;
}

function showReading(file: string): void {
  sessionStore.setState({ datasetLoading: { file, loadedBytes: 0, totalBytes: 0, rows: 0 } });
}

/** Remembers from now on what the next visit begins with; nothing while the user does not want it. */
export function keepVisit(): void {
  const write = () => {
    const { isWanted } = keepingStore.getState();
    rememberVisit(isWanted ? currentVisit(recallVisit()) : null);
  };
  settingsStore.subscribe(write);
  keepingStore.subscribe(write);
  sessionStore.subscribe((state, before) => {
    if (state.modelSource !== before.modelSource) write();
  });
}

function currentVisit(before: Visit): Visit {
  const { model, modelSource } = sessionStore.getState();
  const { keeping } = keepingStore.getState();
  const isChosen = model !== null && modelSource !== null && modelSource !== standIn;
  // Until the worker has told what it keeps, it keeps what it kept.
  const dataset = keeping.state === 'kept' ? keeping.name : keeping.state === 'empty' ? before.dataset : null;
  const chosen = isChosen && (modelSource.kind === 'files' ? { kind: modelSource.kind, name: model.name } : modelSource);
  return { settings: settingsStore.getState().texts, model: chosen || before.model, dataset };
}
