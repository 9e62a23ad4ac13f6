import { createStore } from 'zustand/vanilla';
import type { ErrorReport } from '../../workers/api/errors';
import type { DownloadProgress, HubModelPlan, HubModelReference, KeptModels } from '../../workers/api/hub';

/** What the worker has told of the Hugging Face Hub and of the models kept on this device. */
export interface HubState {
  /** Being looked up. */
  asking: HubModelReference | null;
  /** The model that was looked up last, and what it takes; one behind a permission does not take its place. */
  asked: HubModelReference | null;
  plan: HubModelPlan | null;
  /** Asked for and refused for want of a permission. */
  refused: HubModelReference | null;
  /** Weights on their way. */
  download: DownloadProgress | null;
  downloadError: ErrorReport | null;
  /** Null until the worker has told. */
  kept: KeptModels | null;
  /** A kept model could not be deleted. */
  keptError: ErrorReport | null;
  /** The token itself is in no store. */
  hasToken: boolean;
}

export const emptyHub: HubState = {
  asking: null,
  asked: null,
  plan: null,
  refused: null,
  download: null,
  downloadError: null,
  kept: null,
  keptError: null,
  hasToken: false,
};

export const hubStore = createStore<HubState>(() => emptyHub);

/** One word of a download; its files count as kept as far as they came. */
export function receiveDownload(progress: DownloadProgress): void {
  hubStore.setState(({ plan }) => ({
    download: progress.isOver ? null : progress,
    plan: plan && isOf(plan, progress) ? withBytes(plan, progress) : plan,
  }));
}

/** What is still to come of a model's files. */
export function missingBytes(plan: HubModelPlan): number {
  return plan.totalBytes - plan.keptBytes;
}

export function isOf(plan: HubModelPlan, model: { id: string; commit: string }): boolean {
  return plan.id === model.id && plan.commit === model.commit;
}

function withBytes(plan: HubModelPlan, { file, loadedBytes }: DownloadProgress): HubModelPlan {
  const others = plan.files.reduce((sum, { path, keptBytes }) => sum + (path === file ? 0 : keptBytes), 0);
  const files = plan.files.map((planned) =>
    planned.path === file ? { ...planned, keptBytes: Math.min(planned.sizeBytes, Math.max(0, loadedBytes - others)) } : planned,
  );
  return { ...plan, files, keptBytes: files.reduce((sum, { keptBytes }) => sum + keptBytes, 0) };
}
