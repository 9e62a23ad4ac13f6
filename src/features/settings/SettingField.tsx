import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import type { Hyperparameter } from '../../../workers/api/settings';
import { useSession, useSettings } from '../../state/hooks';
import { setSetting, writeValue, type SettingsReading } from '../../state/settings';
import { Field, helpId } from '../../ui/Field';
import { Icon } from '../../ui/Icon';
import { Switch } from '../../ui/Switch';

interface SettingFieldProps {
  entry: Hyperparameter;
  reading: SettingsReading;
}

/** One hyperparameter: label, Hugging Face name, control, one sentence. A changed value carries an ink bar. */
export function SettingField({ entry, reading }: SettingFieldProps) {
  const id = `setting-${entry.name}`;
  const problem = reading.problems.find((candidate) => candidate.key === entry.key)?.message ?? null;
  const isChanged = reading.changed.includes(entry.key);
  return (
    <Field
      htmlFor={id}
      label={entry.label}
      name={entry.name}
      help={entry.help}
      problem={problem}
      below={entry.kind === 'list' && <Modules entry={entry} chosen={reading.settings.targetModules} />}
    >
      <div className={isChanged ? 'is-changed' : undefined}>
        <Control entry={entry} reading={reading} id={id} isInvalid={problem !== null} />
      </div>
    </Field>
  );
}

interface ControlProps extends SettingFieldProps {
  id: string;
  isInvalid: boolean;
}

function Control({ entry, reading, id, isInvalid }: ControlProps) {
  const draft = useSettings((state) => state.texts[entry.key]);
  const value = draft ?? writeValue(reading.defaults[entry.key]);
  const change = (text: string) => setSetting(entry.key, text);
  const common = { id, 'data-testid': id, 'aria-describedby': helpId(id), 'aria-invalid': isInvalid };
  if (entry.kind === 'choice') {
    return (
      <NativeSelect
        {...common}
        data={[...(entry.choices ?? [])]}
        value={value}
        onChange={(event) => change(event.currentTarget.value)}
        classNames={{ input: 'input' }}
        rightSection={<Icon name="down" />}
        rightSectionPointerEvents="none"
      />
    );
  }
  if (entry.kind === 'switch') {
    return (
      <div className="switch-line">
        <Switch {...common} checked={value === 'true'} onChange={(event) => change(String(event.currentTarget.checked))} />
      </div>
    );
  }
  if (entry.kind === 'text') {
    return (
      <Textarea
        {...common}
        className="prompt-text"
        rows={3}
        value={value}
        onChange={(event) => change(event.currentTarget.value)}
        classNames={{ input: 'input prompt-input' }}
      />
    );
  }
  return (
    <TextInput
      {...common}
      inputMode={entry.kind === 'list' ? 'text' : 'decimal'}
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      spellCheck={false}
      autoCapitalize="off"
      autoComplete="off"
      classNames={{ input: 'input' }}
    />
  );
}

/** The names that a list may hold, each a toggle. */
function Modules({ entry, chosen }: { entry: Hyperparameter; chosen: readonly string[] }) {
  const names = useSession((state) => state.model?.moduleNames);
  if (!names) return null;
  const toggle = (name: string) =>
    setSetting(entry.key, writeValue(chosen.includes(name) ? chosen.filter((kept) => kept !== name) : [...chosen, name]));
  return (
    <div className="modules" role="group" aria-label={entry.label}>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          className="module mono"
          aria-pressed={chosen.includes(name)}
          onClick={() => toggle(name)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
