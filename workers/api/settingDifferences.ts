import { hyperparameters, toHuggingFaceNames, writeSetting } from './hyperparameters';
import type { SettingName, SettledSettings } from './settings';

/** A setting that two runs have differently; values as files write them. */
export interface SettingDifference {
  key: SettingName;
  /** Hugging Face name. */
  name: string;
  before: string;
  after: string;
}

/** Settings that differ, of those that either run's task has, in the order of the page. */
export function settingDifferences(before: SettledSettings, after: SettledSettings): SettingDifference[] {
  const [named, namedAfter] = [toHuggingFaceNames(before), toHuggingFaceNames(after)];
  return hyperparameters.flatMap(({ key, name }) => {
    if (!Object.hasOwn(named, name) && !Object.hasOwn(namedAfter, name)) return [];
    const [old, now] = [settingWords(before, key), settingWords(after, key)];
    return old === now ? [] : [{ key, name, before: old, after: now }];
  });
}

/** How many settings both runs have alike, of those that they have. */
export function sameSettings(before: SettledSettings, after: SettledSettings): number {
  const names = new Set([...Object.keys(toHuggingFaceNames(before)), ...Object.keys(toHuggingFaceNames(after))]);
  return names.size - settingDifferences(before, after).length;
}

/** A value on one line, small numbers as 2e-4. */
export function settingWords(settings: SettledSettings, key: SettingName): string {
  const value = settings[key];
  if (typeof value === 'number' && value !== 0 && Math.abs(value) < 0.01) return value.toExponential();
  if (key !== 'labelWords') return writeSetting(value) || 'none';
  // A label that is answered by its own name says nothing.
  const own = Object.entries(settings.labelWords).filter(([label, word]) => label !== word);
  return own.length === 0 ? 'the names' : writeSetting(Object.fromEntries(own));
}
