import { hyperparameters } from '../../../workers/api/hyperparameters';
import type { Hyperparameter, SettingName } from '../../../workers/api/settings';
import { useSession } from '../../state/hooks';
import type { SettingsReading } from '../../state/settings';
import { SettingField } from './SettingField';
import './PromptSettings.css';

const keys: readonly SettingName[] = ['task', 'systemText', 'promptTemplate', 'useChatFormat'];

/** Settings that stand before the others: what is learned, and how it is asked for. */
export const promptSettings: readonly Hyperparameter[] = hyperparameters.filter(({ key }) => keys.includes(key));

/** The task, and by prompt the words around a text. */
export function PromptSettings({ reading }: { reading: SettingsReading }) {
  const hasChatFormat = useSession((state) => state.model?.hasChatFormat === true);
  const { task } = reading.settings;
  const shown = promptSettings.filter(({ key }) => isShown(key, task === 'prompt', hasChatFormat));
  return (
    <div className="fields prompt-settings">
      {shown.map((entry) => (
        <SettingField key={entry.key} entry={entry} reading={reading} />
      ))}
    </div>
  );
}

function isShown(key: SettingName, byPrompt: boolean, hasChatFormat: boolean): boolean {
  if (key === 'task') return true;
  return byPrompt && (key !== 'useChatFormat' || hasChatFormat);
}
