import { NativeSelect, Textarea } from '@mantine/core';
import type { SettingName } from '../../../workers/api/settings';
import { useSession, useSettings } from '../../state/hooks';
import { setSetting, type SettingsReading } from '../../state/settings';
import { Field, helpId } from '../../ui/Field';
import { Icon } from '../../ui/Icon';
import styles from './task.module.css';

/** The words around a text. */
export function PromptFields({ reading }: { reading: SettingsReading }) {
  const hasChatFormat = useSession((state) => state.model?.hasChatFormat === true);
  const { systemText, promptTemplate } = reading.settings;
  return (
    <div className={styles.fields}>
      <TextField
        reading={reading}
        setting="systemText"
        name="system_text"
        label="System text"
        option="--system"
        value={systemText}
        help="What every conversation begins with: what is to be done, and the words to answer with. May be empty."
      />
      <TextField
        reading={reading}
        setting="promptTemplate"
        name="prompt_template"
        label="Template"
        option="--prompt"
        value={promptTemplate}
        help="What stands before {label} is the user’s turn. {label} is the answer, the only part that is learned."
      />
      {hasChatFormat ? (
        <ChatFormat reading={reading} />
      ) : (
        <p className="help">This model’s files bring no chat format: the template is sent as it stands.</p>
      )}
    </div>
  );
}

interface TextFieldProps {
  reading: SettingsReading;
  setting: SettingName;
  name: string;
  label: string;
  /** On the command line. */
  option: string;
  value: string;
  help: string;
}

function TextField({ reading, setting, name, label, option, value, help }: TextFieldProps) {
  const id = `setting-${name}`;
  const problem = reading.problems.find(({ key }) => key === setting)?.message ?? null;
  const typed = useSettings((state) => state.texts[setting]);
  return (
    <Field htmlFor={id} label={label} aside={option} help={help} problem={problem}>
      <div className={reading.changed.includes(setting) ? 'is-changed' : undefined}>
        <Textarea
          id={id}
          data-testid={id}
          aria-describedby={helpId(id)}
          aria-invalid={problem !== null}
          autosize
          minRows={2}
          maxRows={12}
          value={typed ?? value}
          onChange={(event) => setSetting(setting, event.currentTarget.value)}
          classNames={{ input: `input ${styles.area}` }}
        />
      </div>
    </Field>
  );
}

function ChatFormat({ reading }: { reading: SettingsReading }) {
  const id = 'setting-use_chat_format';
  return (
    <Field htmlFor={id} label="Chat format" help="Read from the tokenizer’s files. “None” sends the template as it stands.">
      <div className={reading.changed.includes('useChatFormat') ? 'is-changed' : undefined}>
        <NativeSelect
          id={id}
          data-testid={id}
          aria-describedby={helpId(id)}
          data={[
            { value: 'true', label: 'The model’s own' },
            { value: 'false', label: 'None' },
          ]}
          value={String(reading.settings.useChatFormat)}
          onChange={(event) => setSetting('useChatFormat', event.currentTarget.value)}
          classNames={{ input: 'input' }}
          rightSection={<Icon name="down" />}
          rightSectionPointerEvents="none"
        />
      </div>
    </Field>
  );
}
