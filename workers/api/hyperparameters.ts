import { otherParameters } from './otherParameters';
import { primaryParameters } from './primaryParameters';
import type { Hyperparameter, SettingName, TrainingSettings } from './settings';
import { taskParameters } from './taskParameters';

/** In the order of the page and the files. */
export const hyperparameters: readonly Hyperparameter[] = [...taskParameters, ...primaryParameters, ...otherParameters];

const promptKeys: readonly SettingName[] = ['systemText', 'promptTemplate', 'useChatFormat'];

/** Settings under their Hugging Face names, for files; those of prompts and of a head where the task has one. */
export function toHuggingFaceNames(settings: TrainingSettings): Record<string, TrainingSettings[SettingName]> {
  const told = hyperparameters.filter(({ key }) =>
    key === 'task'
      ? settings.task !== 'head'
      : key === 'classWeights'
        ? settings.task === 'head'
        : settings.task === 'prompt' || !promptKeys.includes(key),
  );
  return Object.fromEntries(told.map((entry) => [entry.name, settings[entry.key]]));
}
