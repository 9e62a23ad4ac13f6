import { createStore } from 'zustand/vanilla';
import type { TrainerEvent } from '../../workers/api/events';

export type ExportProgress = Omit<Extract<TrainerEvent, { kind: 'export-progress' }>, 'kind'>;

/** Bytes written of the merged model; null while none is. */
export const mergedStore = createStore<{ progress: ExportProgress | null }>(() => ({ progress: null }));

export function receiveExport({ doneBytes, totalBytes }: ExportProgress): void {
  mergedStore.setState({ progress: { doneBytes, totalBytes } });
}

export function forgetExport(): void {
  mergedStore.setState({ progress: null });
}
