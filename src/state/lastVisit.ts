import { hyperparameters } from '../../workers/api/hyperparameters';
import type { ModelSource } from '../../workers/api/model';
import type { SettingName } from '../../workers/api/settings';
import { recall, remember } from './remembered';
import { isRecord } from '../../workers/api/isRecord';

/** What the page remembers of its last visit beside the dataset itself, which the worker keeps. */
export interface Visit {
  /** What the user typed, by setting. */
  settings: Partial<Record<SettingName, string>>;
  /** A model of dropped files is known by its name alone: the files cannot be kept. */
  model: Exclude<ModelSource, { kind: 'files' }> | { kind: 'files'; name: string };
  /** The kept dataset's name; null where none was kept. */
  dataset: string | null;
}

export const firstVisit: Visit = { settings: {}, model: { kind: 'embedded' }, dataset: null };

const storageKey = 'tunelet-last-visit';
const version = 1;
const mostCharacters = 100_000;

export function rememberVisit(visit: Visit | null): void {
  remember(storageKey, visit && JSON.stringify({ version, ...visit }));
}

export function recallVisit(): Visit {
  return readVisit(recall(storageKey));
}

/** What can be used of a remembered visit: nothing of one in another format, and no setting that is not known any more; pure. */
export function readVisit(text: string | null): Visit {
  if (text === null || text.length > mostCharacters) return firstVisit;
  const visit = parsed(text);
  if (!isRecord(visit) || visit['version'] !== version) return firstVisit;
  const { dataset } = visit;
  return {
    settings: settingsOf(visit['settings']),
    model: modelOf(visit['model']),
    dataset: typeof dataset === 'string' ? dataset : null,
  };
}

function settingsOf(value: unknown): Visit['settings'] {
  if (!isRecord(value)) return {};
  const entries = hyperparameters.flatMap(({ key }) => {
    const text = Object.hasOwn(value, key) ? value[key] : undefined;
    return typeof text === 'string' ? [[key, text] as const] : [];
  });
  return Object.fromEntries(entries);
}

function modelOf(value: unknown): Visit['model'] {
  if (!isRecord(value)) return firstVisit.model;
  const { kind, id, revision, file, name } = value;
  if (kind === 'files' && typeof name === 'string') return { kind, name };
  if (kind !== 'hub' || typeof id !== 'string') return firstVisit.model;
  return { kind, id, ...(typeof revision === 'string' && { revision }), ...(typeof file === 'string' && { file }) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
