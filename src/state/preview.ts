import { createStore } from 'zustand/vanilla';
import { reportOf, type ErrorReport } from '../../workers/api/errors';
import { previewSettings, type RowPreview } from '../../workers/api/preview';
import { trainer } from '../client/trainerClient';
import { sessionStore } from './session';
import { currentReading, settingsStore } from './settings';

/** One training text as the model sees it, by the settings as they are. */
export interface PreviewState {
  /** From 1. */
  row: number;
  preview: RowPreview | null;
  /** `preview` belongs to settings, data or a row from before. */
  isOld: boolean;
  error: ErrorReport | null;
}

export const previewStore = createStore<PreviewState>(() => ({ row: 1, preview: null, isOld: false, error: null }));

export function showRow(row: number): void {
  previewStore.setState({ row });
}

const settleMs = 150;

/** Asks the worker for the row a moment after anything that it depends on has changed; returns the way to stop. */
export function keepPreviewFresh(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown = '';
  let wanted = 0;
  const look = () => {
    const wish = wishOf();
    if (wish === shown) return;
    shown = wish;
    wanted += 1;
    const ticket = wanted;
    previewStore.setState({ isOld: true });
    clearTimeout(timer);
    timer = setTimeout(() => void refresh(() => ticket === wanted), settleMs);
  };
  const stops = [
    sessionStore.subscribe((state, before) => {
      const isOther = state.dataset !== before.dataset || state.model !== before.model;
      if (!isOther && state.device === before.device) return;
      shown = '';
      // Another row of other data: nothing of the one before it is true any more.
      if (isOther) previewStore.setState({ row: 1, preview: null, error: null });
      look();
    }),
    settingsStore.subscribe(look),
    previewStore.subscribe((state, before) => {
      if (state.row !== before.row) look();
    }),
  ];
  return () => {
    clearTimeout(timer);
    wanted += 1;
    for (const stop of stops) stop();
  };
}

/** What a preview depends on beside data and model, as one text. */
function wishOf(): string {
  const { settings } = currentReading();
  return JSON.stringify([previewStore.getState().row, previewSettings.map((key) => settings[key])]);
}

async function refresh(isWanted: () => boolean): Promise<void> {
  const { dataset, model, device } = sessionStore.getState();
  const { settings, problems } = currentReading();
  // A draft with a problem cannot be shown; the field says why, and the preview before it stays, as old.
  if (!dataset || !model || !device || problems.some(({ key }) => previewSettings.includes(key))) return;
  try {
    const preview = await trainer().previewRow(settings, previewStore.getState().row);
    if (isWanted()) previewStore.setState({ preview, isOld: false, error: null });
  } catch (thrown) {
    if (isWanted()) previewStore.setState({ preview: null, isOld: false, error: reportOf(thrown) });
  }
}
