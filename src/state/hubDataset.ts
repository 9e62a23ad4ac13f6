import { createStore } from 'zustand/vanilla';
import type { ErrorReport } from '../../workers/api/errors';
import {
  usualColumns,
  usualSplits,
  type DatasetDownload,
  type HubDatasetChoice,
  type HubDatasetPlan,
  type KeptDataset,
  type RowChoice,
} from '../../workers/api/hubDataset';
import type { SettingName } from '../../workers/api/settings';
import type { SplitName } from '../../workers/api/dataset';
import type { DatasetPreset } from './datasetPresets';

/** What of a dataset is to be read, as the user has it so far. */
export interface HubDatasetDraft {
  /** Null: not used. */
  splits: Record<SplitName, string | null>;
  text: string;
  label: string;
  /** As typed; empty: all. */
  rows: string;
  choose: RowChoice;
}

/** A setting that a preset changed. */
export interface PresetChange {
  key: SettingName;
  /** Hugging Face name. */
  name: string;
  from: string;
  to: string;
  /** What was typed before; undefined: it followed the defaults. */
  textBefore: string | undefined;
}

/** What the page knows of a dataset of the Hub that is being chosen. */
export interface HubDatasetState {
  isOpen: boolean;
  /** As typed. */
  id: string;
  plan: HubDatasetPlan | null;
  isLookingUp: boolean;
  draft: HubDatasetDraft | null;
  isLoading: boolean;
  /** Null until its first word. */
  download: DatasetDownload | null;
  /** Of those that came. */
  rowsRead: number;
  error: ErrorReport | null;
  preset: DatasetPreset | null;
  changes: readonly PresetChange[];
  kept: readonly KeptDataset[];
}

export const emptyHubDataset: HubDatasetState = {
  isOpen: false,
  id: '',
  plan: null,
  isLookingUp: false,
  draft: null,
  isLoading: false,
  download: null,
  rowsRead: 0,
  error: null,
  preset: null,
  changes: [],
  kept: [],
};

export const hubDatasetStore = createStore<HubDatasetState>(() => emptyHubDataset);

export function receiveDatasetDownload(download: DatasetDownload): void {
  hubDatasetStore.setState((state) => (state.isLoading ? { download } : state));
}

export function receiveRowsRead(rowsRead: number): void {
  hubDatasetStore.setState((state) => (state.isLoading ? { rowsRead } : state));
}

/** What a preset, or else the dataset's own names, suggest. */
export function draftOf(plan: HubDatasetPlan, preset: DatasetPreset | null): HubDatasetDraft {
  const columns = usualColumns(plan.features);
  const has = (name: string) => plan.features.some((feature) => feature.name === name);
  const fits = preset !== null && preset.id === plan.id && preset.config === plan.config;
  const text = fits && has(preset.text) ? preset.text : columns.text;
  const label = fits && has(preset.label) ? preset.label : columns.label;
  const usual: HubDatasetDraft['splits'] = usualSplits(plan, label) ?? {
    train: null,
    validation: null,
    test: null,
  };
  const names = new Set<string | null>([null, ...plan.splits.map(({ name }) => name)]);
  const areThere = fits && Object.values(preset.splits).every((name) => names.has(name));
  return {
    splits: areThere ? { ...preset.splits } : usual,
    text,
    label,
    rows: fits && preset.rows !== null ? String(preset.rows) : '',
    choose: 'spread',
  };
}

/** Uses a split for a part, or for none; another split that had the part is then not used. */
export function withSplit(draft: HubDatasetDraft, name: string, part: SplitName | null): HubDatasetDraft {
  const splits = { ...draft.splits };
  for (const other of ['train', 'validation', 'test'] as const) if (splits[other] === name) splits[other] = null;
  if (part !== null) splits[part] = name;
  return { ...draft, splits };
}

/** Ready to be read, or what is missing, in words. */
export function choiceOf(plan: HubDatasetPlan, draft: HubDatasetDraft): HubDatasetChoice | { problem: string } {
  const { splits, text, label, rows, choose } = draft;
  if (splits.train === null) return { problem: 'Choose the split to train on.' };
  if (text === '') return { problem: 'Choose the column of texts.' };
  const count = rows.trim() === '' ? null : Number(rows.replaceAll(',', ''));
  if (count !== null && !(Number.isInteger(count) && count >= 10))
    return {
      problem: 'Rows must be a whole number of at least 10, or empty for all.',
    };
  return {
    id: plan.id,
    config: plan.config,
    splits: { ...splits, train: splits.train },
    text,
    label,
    rows: count,
    choose,
  };
}
