import { useMemo } from 'react';
import { useStore } from 'zustand';
import type { MemoryEstimate } from '../../workers/api/memory';
import { dataPanelStore } from './dataPanel';
import { hubStore, type HubState } from './hub';
import { hubDatasetStore, type HubDatasetState } from './hubDataset';
import { hubSearchStore, type HubSearchState } from './hubSearch';
import { keptRunsStore, type KeptRunsState } from './keptRuns';
import { labellingStore, type LabellingState } from './labelling';
import { memoryEstimateStore } from './memoryEstimate';
import { exportingStore, type ExportingState } from './exporting';
import { modelCardStore, type ModelCards } from './modelCards';
import { memoryLimitStore, type MemoryLimitState } from './memoryLimit';
import { paceStore, type PaceState } from './pace';
import { placeStore, type PlaceState } from './place';
import type { RunState } from './run';
import { runStore } from './runStore';
import { pushStore, type PushState } from './push';
import { sessionStore, type SessionState } from './session';
import { resumeStore, type ResumeState } from './resume';
import { previewStore, type PreviewState } from './preview';
import { labelNames, readSettings, settingsStore, type SettingsReading, type SettingsState } from './settings';
import { slicesStore, type SlicesState } from './slices';
import { tuningStore } from './tuning';
import { themeStore, type ThemeState } from './theme';
import { keepingStore, type KeepingState } from './keeping';
import { persistenceStore } from './persistence';
import { tabsStore, type TabsState } from './tabs';
import { takeOverStore } from './takeOver';
import { healthStore } from './workerHealth';
import { writingStore, type WritingState } from './writing';

export function useSession<Part>(select: (state: SessionState) => Part): Part {
  return useStore(sessionStore, select);
}

export function useRun<Part>(select: (state: RunState) => Part): Part {
  return useStore(runStore, select);
}

export function useKeptRuns<Part>(select: (state: KeptRunsState) => Part): Part {
  return useStore(keptRunsStore, select);
}

export function useModelCards<Part>(select: (state: ModelCards) => Part): Part {
  return useStore(modelCardStore, select);
}

export function usePush<Part>(select: (state: PushState) => Part): Part {
  return useStore(pushStore, select);
}

export function useHub<Part>(select: (state: HubState) => Part): Part {
  return useStore(hubStore, select);
}

export function useHubDataset<Part>(select: (state: HubDatasetState) => Part): Part {
  return useStore(hubDatasetStore, select);
}

export function useHubSearch<Part>(select: (state: HubSearchState) => Part): Part {
  return useStore(hubSearchStore, select);
}

/** What a run takes under each storage of weights; null while that is not known. */
export function useMemoryEstimate(): MemoryEstimate | null {
  return useStore(memoryEstimateStore, (state) => state.estimate);
}

/** A merged model or a folder for a cluster that is being written. */
export function useExporting(): ExportingState {
  return useStore(exportingStore);
}

/** The table whose rows want labels. */
export function useLabelling(): LabellingState {
  return useStore(labellingStore);
}

/** How fast the planned run would go here. */
export function usePace(): PaceState {
  return useStore(paceStore);
}

export function useSettings<Part>(select: (state: SettingsState) => Part): Part {
  return useStore(settingsStore, select);
}

/** One training text as the model sees it. */
export function usePreview(): PreviewState {
  return useStore(previewStore);
}

export function usePlace(): PlaceState {
  return useStore(placeStore);
}

export function useTheme(): ThemeState {
  return useStore(themeStore);
}

export function useMemoryLimit(): MemoryLimitState {
  return useStore(memoryLimitStore);
}

/** Whether the Data panel shows all of its parts. */
export function useDataPanelOpen(): boolean {
  return useStore(dataPanelStore, (state) => state.isOpen);
}

/** What both models write in the playground. */
export function useWriting(): WritingState {
  return useStore(writingStore);
}

/** A run of another tab. */
export function useElsewhere(): TabsState['elsewhere'] {
  return useStore(tabsStore, (state) => state.elsewhere);
}

/** Whether this tab is taking over a run of another. */
export function useTakingOver(): boolean {
  return useStore(takeOverStore, (state) => state.isUnderWay);
}

/** Whether the worker has answered nothing for long. */
export function useWorkerIsSilent(): boolean {
  return useStore(healthStore, (state) => state.isSilent);
}

/** Whether the browser keeps what is stored until the user deletes it. */
export function usePersistence(): boolean | null {
  return useStore(persistenceStore, (state) => state.isPersistent);
}

/** Whether the dataset is kept for the next visit. */
export function useKeeping(): KeepingState {
  return useStore(keepingStore);
}

/** How the user slices results. */
export function useSliceWishes(): SlicesState {
  return useStore(slicesStore);
}

/** The run that was not finished, if any. */
export function useResume(): ResumeState {
  return useStore(resumeStore);
}

/** Whether kernels are measured. */
export function useTuning(): boolean {
  return useStore(tuningStore, (state) => state.isOn);
}

/** The draft against the model and the rows there are. */
export function useReading(): SettingsReading {
  const texts = useSettings((state) => state.texts);
  const model = useSession((state) => state.model);
  const trainRows = useSession((state) => state.dataset?.split.train ?? null);
  const dataset = useSession((state) => state.dataset);
  return useMemo(() => readSettings(texts, model, trainRows, labelNames(dataset)), [texts, model, trainRows, dataset]);
}
