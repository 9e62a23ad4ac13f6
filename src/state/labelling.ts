import { createStore } from 'zustand/vanilla';
import { reportOf, type ErrorReport } from '../../workers/api/errors';
import type { ReadChoices } from '../../workers/api/dataset';
import type { KeptLabelling, LabelledTable, LabellingProgress, LabellingRequest, UnsureQuery, UnsureRows } from '../../workers/api/labelling'; // prettier-ignore
import type { Archive } from '../../workers/api/trainerApi';
import { trainer } from '../client/trainerClient';
import { announce } from './session';

/** A table whose rows want labels, as far as it has come. */
export interface LabellingState {
  /** What lies on the device; null where nothing does, or until that is known. */
  kept: KeptLabelling | null;
  /** What the worker does with it; null where it waits for the user. */
  work: 'reading' | 'labelling' | null;
  progress: LabellingProgress | null;
  error: ErrorReport | null;
  /** The file that was chosen last, to be read again where the error offers another way. */
  file: File | null;
}

export const emptyLabelling: LabellingState = { kept: null, work: null, progress: null, error: null, file: null };

export const labellingStore = createStore<LabellingState>(() => emptyLabelling);

export function receiveLabelling(progress: LabellingProgress): void {
  labellingStore.setState(({ work }) => (work ? { progress } : {}));
}

/** Asks what an earlier visit left. */
export async function refreshLabelling(): Promise<void> {
  try {
    labellingStore.setState({ kept: await trainer().keptLabelling() });
  } catch (thrown) {
    labellingStore.setState({ kept: null, error: reportOf(thrown) });
  }
}

/** Reads a table; one before it goes once this one is there. */
export async function openTable(file: File, choices: ReadChoices = {}): Promise<void> {
  if (labellingStore.getState().work !== null) return;
  labellingStore.setState({ work: 'reading', progress: null, error: null, file });
  try {
    const table = await trainer().openUnlabelled({ file, choices });
    labellingStore.setState({ kept: { kind: 'opened', table } });
    announce(`${table.name}: ${table.rowCount} rows to label.`);
  } catch (thrown) {
    const error = reportOf(thrown);
    labellingStore.setState({ error: error.code === 'data/cancelled' ? null : error });
    announce(error.message);
  } finally {
    labellingStore.setState({ work: null, progress: null });
  }
}

export async function startLabelling(request: LabellingRequest): Promise<void> {
  await label(() => trainer().labelTable(request));
}

export async function resumeLabelling(): Promise<void> {
  await label(() => trainer().resumeLabelling());
}

/** What is labelled stays. */
export async function stopLabelling(): Promise<void> {
  await trainer().cancelLabelling();
}

export async function discardLabelling(): Promise<void> {
  labellingStore.setState(emptyLabelling);
  try {
    await trainer().discardLabelling();
  } catch (thrown) {
    labellingStore.setState({ error: reportOf(thrown) });
  }
}

export async function unsureRows(query: UnsureQuery): Promise<UnsureRows> {
  return trainer().unsureRows(query);
}

export async function labelledFile(below: number | null): Promise<Archive> {
  return trainer().labelledFile(below);
}

async function label(work: () => Promise<LabelledTable>): Promise<void> {
  if (labellingStore.getState().work !== null) return;
  labellingStore.setState({ work: 'labelling', progress: null, error: null });
  try {
    const labelled = await work();
    labellingStore.setState({ kept: { kind: 'labelled', labelled } });
    announce(labelled.isFinished ? `All ${labelled.done} rows are labelled.` : `Stopped after ${labelled.done} rows.`);
  } catch (thrown) {
    // What was labelled before it failed is on the device.
    await refreshLabelling();
    const error = reportOf(thrown);
    labellingStore.setState({ error });
    announce(error.message);
  } finally {
    labellingStore.setState({ work: null, progress: null });
  }
}
