import { createStore } from 'zustand/vanilla';
import { checkSettings, type SettingLimits, type SettingProblem } from '../../workers/api/checkSettings';
import type { DatasetSummary } from '../../workers/api/dataset';
import { hyperparameters, writeSetting } from '../../workers/api/hyperparameters';
import { readIndices } from '../../workers/api/indices';
import { readLabelWords } from '../../workers/api/labelWords';
import { defaultSettings, type ModelSummary } from '../../workers/api/model';
import { isTargetName } from '../../workers/api/modules';
import type { Hyperparameter, SettingName, TrainingSettings } from '../../workers/api/settings';
import { sessionStore } from './session';

/** What the user typed, as typed; a setting without a text follows the defaults, also when these change. */
export interface SettingsState {
  texts: Partial<Record<SettingName, string>>;
}

/** A draft made whole. Settings that cannot be read as numbers are NaN and stand among the problems. */
export interface SettingsReading {
  settings: TrainingSettings;
  defaults: TrainingSettings;
  /** Why the defaults are what they are. */
  reason: string;
  /** Settings whose value differs from the default. */
  changed: readonly SettingName[];
  problems: readonly SettingProblem[];
}

export const settingsStore = createStore<SettingsState>(() => ({ texts: {} }));

export function setSetting(key: SettingName, text: string): void {
  settingsStore.setState((state) => ({ texts: { ...state.texts, [key]: text } }));
}

/** Several settings at once, such as those under which a run fits. */
export function takeSettings(settings: Partial<TrainingSettings>): void {
  const texts = hyperparameters.flatMap(({ key }) => {
    const value = settings[key];
    return value === undefined ? [] : [[key, writeValue(value)] as const];
  });
  settingsStore.setState((state) => ({ texts: { ...state.texts, ...Object.fromEntries(texts) } }));
}

export function resetSettings(): void {
  settingsStore.setState({ texts: {} });
}

type ModelLimits = Pick<ModelSummary, 'parameterCount' | 'positions' | 'moduleNames' | 'defaultModules'> &
  Partial<Pick<ModelSummary, 'layers' | 'modules' | 'canWrite' | 'hasChatFormat'>>;

/** Defaults for this model, this many training rows and these classes (null: no data yet), with the user's changes on top; pure. */
export function readSettings(
  texts: SettingsState['texts'],
  model: ModelLimits | null,
  trainRows: number | null,
  labels: readonly string[] | null = null,
): SettingsReading {
  const { settings: usual, reason } = defaultSettings(model, trainRows);
  const defaults: TrainingSettings = labels?.length === 0 ? { ...usual, task: 'text' } : usual;
  let settings = defaults;
  const changed: SettingName[] = [];
  for (const entry of hyperparameters) {
    const text = texts[entry.key];
    if (text === undefined) continue;
    settings = withText(settings, entry, text);
    if (writeValue(settings[entry.key]) !== writeValue(defaults[entry.key])) changed.push(entry.key);
  }
  const limits: SettingLimits = { ...model, ...(labels && { labels }) };
  return { settings, defaults, reason, changed, problems: checkSettings(settings, limits) };
}

/** Class names of the data; null where there are no data yet. */
export function labelNames(dataset: DatasetSummary | null): readonly string[] | null {
  return dataset && dataset.labels.map(({ name }) => name);
}

/** The draft against what the worker holds now. */
export function currentReading(): SettingsReading {
  const { model, dataset } = sessionStore.getState();
  return readSettings(settingsStore.getState().texts, model, dataset?.split.train ?? null, labelNames(dataset));
}

/** The settings that Start would use. */
export function currentSettings(): TrainingSettings {
  return currentReading().settings;
}

/** A value as a person would type it: 0.0005 becomes "5e-4", a list is parted by commas, blocks are ranges. */
export function writeValue(value: TrainingSettings[SettingName]): string {
  if (typeof value !== 'number') return writeSetting(value);
  return value !== 0 && Math.abs(value) < 0.01 ? value.toExponential() : String(value);
}

function withText(settings: TrainingSettings, entry: Hyperparameter, text: string): TrainingSettings {
  if (entry.key === 'targetModules') return { ...settings, targetModules: readTargets(text) };
  if (entry.kind === 'list') return { ...settings, [entry.key]: splitList(text) };
  if (entry.kind === 'indices') return { ...settings, [entry.key]: readIndices(text) };
  if (entry.kind === 'words') return { ...settings, [entry.key]: readLabelWords(text) ?? settings.labelWords };
  if (entry.kind === 'switch') return { ...settings, [entry.key]: text === 'true' };
  if (entry.kind === 'choice') return { ...settings, [entry.key]: readChoice(text) };
  if (entry.kind === 'text') return { ...settings, [entry.key]: text };
  return { ...settings, [entry.key]: readNumber(text) };
}

/** Some choices are yes, no or something between. */
function readChoice(text: string): string | boolean {
  return text === 'true' || (text === 'false' ? false : text);
}

/** A list of names; else the text as it stands, for a regular expression has commas and spaces of its own. */
function readTargets(text: string): string[] {
  const names = splitList(text);
  return names.every(isTargetName) ? names : [text.trim()];
}

/** Names parted by commas or spaces, each once. */
export function splitList(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}

function readNumber(text: string): number {
  const trimmed = text.trim();
  return trimmed === '' ? NaN : Number(trimmed);
}
