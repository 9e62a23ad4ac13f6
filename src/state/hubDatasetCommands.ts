import { TuneletError, reportOf } from '../../workers/api/errors';
import { hyperparameters } from '../../workers/api/hyperparameters';
import type { KeptDataset } from '../../workers/api/hubDataset';
import type { SettingName, TrainingSettings } from '../../workers/api/settings';
import { trainer } from '../client/trainerClient';
import { chooseModel } from './commands';
import type { DatasetPreset } from './datasetPresets';
import { choiceOf, draftOf, emptyHubDataset, hubDatasetStore, type HubDatasetDraft, type PresetChange } from './hubDataset';
import { askToPersist } from './persistence';
import { inOrder } from './queue';
import { announce, sessionStore } from './session';
import { currentReading, settingsStore, takeSettings, writeValue } from './settings';

/** Shows the way to the Hub's datasets, where the last one looked up still is. */
export function openHubDatasets(): void {
  hubDatasetStore.setState({ isOpen: true });
  sessionStore.setState({ datasetError: null });
  void refreshKeptDatasets();
}

export function closeHubDatasets(): void {
  hubDatasetStore.setState({ isOpen: false, error: null });
}

export function typeDatasetId(id: string): void {
  hubDatasetStore.setState({ id });
}

let lookUps = 0;

/** Asks what a dataset has; a configuration of the same dataset keeps what is there until the answer comes. */
export async function lookUpDataset(id: string, config?: string): Promise<void> {
  lookUps += 1;
  const ticket = lookUps;
  hubDatasetStore.setState({ id, isLookingUp: true, error: null });
  try {
    const plan = await trainer().inspectHubDataset({
      id,
      ...(config !== undefined && { config }),
    });
    if (ticket !== lookUps) return;
    hubDatasetStore.setState(({ preset }) => ({
      plan,
      draft: draftOf(plan, preset),
      isLookingUp: false,
    }));
    announce(`${plan.id} has ${plan.splits.length} splits.`);
  } catch (thrown) {
    if (ticket === lookUps)
      hubDatasetStore.setState({
        isLookingUp: false,
        plan: null,
        draft: null,
        error: reportOf(thrown),
      });
  }
}

/** A dataset that the user names; a preset for another one is left, with the settings that it changed. */
export async function lookUpOwnDataset(id: string, config?: string): Promise<void> {
  const { preset } = hubDatasetStore.getState();
  if (preset && preset.id !== id) {
    undoChanges();
    hubDatasetStore.setState({ preset: null });
  }
  await lookUpDataset(id, config);
}

export function changeDraft(change: Partial<HubDatasetDraft>): void {
  hubDatasetStore.setState(({ draft }) => ({
    draft: draft && { ...draft, ...change },
  }));
}

/** Downloads and reads what is chosen; the dataset before stays where this fails. */
export async function loadHubDataset(): Promise<void> {
  const { plan, draft } = hubDatasetStore.getState();
  const choice = plan && draft && choiceOf(plan, draft);
  if (!choice || 'problem' in choice) return;
  hubDatasetStore.setState({ isLoading: true, download: null, rowsRead: 0, error: null });
  void askToPersist();
  try {
    const dataset = await inOrder(() => trainer().loadHubDataset(choice));
    sessionStore.setState({
      dataset,
      datasetFiles: null,
      datasetError: null,
      mappingError: null,
      runError: null,
    });
    hubDatasetStore.setState({ isLoading: false, isOpen: false });
    announce(`${dataset.name}: ${dataset.rowCount} rows.`);
  } catch (thrown) {
    const report = reportOf(thrown);
    // Whoever pressed Cancel knows.
    const error = report.code === 'data/cancelled' ? null : report;
    hubDatasetStore.setState({ isLoading: false, download: null, error });
    announce(report.message);
  }
  await refreshKeptDatasets();
}

/** What came of files stays, and the next download goes on with it. */
export async function cancelHubDataset(): Promise<void> {
  await trainer().cancelDataset();
}

/** Fills in a preset's dataset and, once the dataset is known, its settings. What an earlier preset changed is taken back. */
export async function takePreset(preset: DatasetPreset): Promise<void> {
  undoChanges();
  hubDatasetStore.setState({ preset });
  await lookUpDataset(preset.id, preset.config);
  if (hubDatasetStore.getState().preset === preset && hubDatasetStore.getState().plan !== null) applySettings(preset);
}

/** Settings that the chosen model cannot have wait for one that can. */
function applySettings({ settings }: DatasetPreset): void {
  const { model } = sessionStore.getState();
  const { targetModules, ...others } = settings;
  const fits = targetModules === undefined || model === null || targetModules.every((name) => model.moduleNames.includes(name));
  const wanted: Partial<TrainingSettings> = fits ? settings : others;
  const before = currentReading().settings;
  const { texts } = settingsStore.getState();
  const changes = hyperparameters.flatMap(({ key, name }): PresetChange[] => {
    const value = wanted[key];
    if (value === undefined || writeValue(value) === writeValue(before[key])) return [];
    return [
      {
        key,
        name,
        from: writeValue(before[key]),
        to: writeValue(value),
        textBefore: texts[key],
      },
    ];
  });
  takeSettings(Object.fromEntries(changes.map(({ key }) => [key, wanted[key]])));
  hubDatasetStore.setState((state) => ({
    changes: [...state.changes.filter(({ key }) => changes.every((change) => change.key !== key)), ...changes],
  }));
}

/** Takes back one setting that the preset changed, or all; what the user has typed since then stays. */
export function undoChanges(only?: SettingName): void {
  const { changes } = hubDatasetStore.getState();
  const undone = changes.filter(({ key }) => only === undefined || key === only);
  settingsStore.setState(({ texts }) => {
    const restored = { ...texts };
    for (const { key, to, textBefore } of undone) {
      if (restored[key] !== to) continue;
      if (textBefore === undefined) delete restored[key];
      else restored[key] = textBefore;
    }
    return { texts: restored };
  });
  hubDatasetStore.setState({
    changes: changes.filter((change) => !undone.includes(change)),
  });
}

/** Forgets the preset and all that it filled in. */
export function leavePreset(): void {
  undoChanges();
  lookUps += 1;
  hubDatasetStore.setState({
    ...emptyHubDataset,
    isOpen: true,
    kept: hubDatasetStore.getState().kept,
  });
}

/** The model that the preset is meant for, and then the settings that waited for it. */
export async function takePresetModel(preset: DatasetPreset): Promise<void> {
  await chooseModel({ kind: 'hub', id: preset.model.id });
  if (hubDatasetStore.getState().preset === preset && sessionStore.getState().model?.name === preset.model.id)
    applySettings(preset);
}

export async function refreshKeptDatasets(): Promise<void> {
  const kept = await trainer()
    .listKeptDatasets()
    .catch((thrown: unknown) => {
      // Where the browser has no room for files, nothing is kept.
      if (thrown instanceof TuneletError) return [];
      throw thrown;
    });
  hubDatasetStore.setState({ kept });
}

export async function deleteKeptDataset({ id, config }: Pick<KeptDataset, 'id' | 'config'>): Promise<void> {
  try {
    hubDatasetStore.setState({
      kept: await trainer().deleteKeptDataset({ id, config }),
    });
    announce(`${id} is deleted from this device.`);
  } catch (thrown) {
    hubDatasetStore.setState({ error: reportOf(thrown) });
  }
}
