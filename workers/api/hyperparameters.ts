import { writeIndices } from './indices';
import { otherParameters } from './otherParameters';
import { primaryParameters } from './primaryParameters';
import type { Hyperparameter, SettingName, TrainingSettings } from './settings';
import { taskParameters } from './taskParameters';

/** In the order of the page and the files. */
export const hyperparameters: readonly Hyperparameter[] = [...taskParameters, ...primaryParameters, ...otherParameters];

/** Settings under their Hugging Face names, for files; those of prompts and of a head where the task has any, a choice of blocks or whole modules where one is made. */
export function toHuggingFaceNames(settings: TrainingSettings): Record<string, TrainingSettings[SettingName]> {
  const isTold = (entry: Hyperparameter): boolean => {
    if (entry.key === 'task') return settings.task !== 'head';
    if (entry.key === 'classWeights') return settings.task === 'head';
    if (entry.key === 'layersToTransform') return settings.layersToTransform.length > 0;
    if (entry.key === 'modulesToSave') return settings.modulesToSave.length > 0;
    return settings.task === 'prompt' || !taskParameters.includes(entry);
  };
  const told = hyperparameters.filter(isTold);
  return Object.fromEntries(told.map((entry) => [entry.name, settings[entry.key]]));
}

/** A value on one line: of words a JSON object, of blocks their ranges. */
export function writeSetting(value: TrainingSettings[SettingName]): string {
  if (Array.isArray(value)) {
    const indices = value.filter((entry) => typeof entry === 'number');
    return indices.length > 0 ? writeIndices(indices) : value.join(', ');
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
