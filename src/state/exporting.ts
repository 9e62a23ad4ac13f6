import { createStore } from 'zustand/vanilla';
import { reportOf, type ErrorReport } from '../../workers/api/errors';
import type { TrainerEvent } from '../../workers/api/events';
import type { RunResult } from '../../workers/api/results';
import type { Archive } from '../../workers/api/trainerApi';
import { trainer } from '../client/trainerClient';

export type ExportProgress = Omit<Extract<TrainerEvent, { kind: 'export-progress' }>, 'kind'>;

/** What takes a while to write: the merged model, or the folder for a cluster. */
export type Exported = 'merged' | 'cluster';

/** One is written at a time, on while another place is looked at. */
export interface ExportingState {
  writing: Exported | null;
  /** Null before its first byte. */
  progress: ExportProgress | null;
  /** Why there is none, of which result; null: of the run that is prepared. */
  problem: { what: Exported; of: RunResult | null; report: ErrorReport } | null;
}

export const exportingStore = createStore<ExportingState>(() => ({ writing: null, progress: null, problem: null }));

export function receiveExport({ doneBytes, totalBytes }: ExportProgress): void {
  exportingStore.setState({ progress: { doneBytes, totalBytes } });
}

/** Null where it went into a file of the user's, failed, which the store tells, or was stopped. */
export async function writeExport(
  what: Exported,
  of: RunResult | null,
  write: () => Promise<Archive | null>,
): Promise<Archive | null> {
  exportingStore.setState({ writing: what, progress: null, problem: null });
  try {
    return await write();
  } catch (thrown) {
    tellExportProblem(what, of, thrown);
    return null;
  } finally {
    exportingStore.setState({ writing: null, progress: null });
  }
}

/** Nothing is told of a stop, which the user asked for. */
export function tellExportProblem(what: Exported, of: RunResult | null, thrown: unknown): void {
  const report = reportOf(thrown);
  if (report.code !== 'export/cancelled') exportingStore.setState({ problem: { what, of, report } });
}

export function stopExport(): void {
  void trainer().cancelExport();
}
