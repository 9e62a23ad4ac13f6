import { NativeSelect, TextInput } from '@mantine/core';
import type { Hyperparameter } from '../../../workers/api/settings';
import { useSettings } from '../../state/hooks';
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
    <Field htmlFor={id} label={entry.label} name={entry.name} help={entry.help} problem={problem}>
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
  return (
    <TextInput
      {...common}
      inputMode={entry.kind === 'number' || entry.kind === 'integer' ? 'decimal' : 'text'}
      placeholder={emptyWord(entry)}
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      spellCheck={false}
      autoCapitalize="off"
      autoComplete="off"
      classNames={{ input: 'input' }}
    />
  );
}

/** What nothing written means. */
function emptyWord({ kind, key }: Hyperparameter): string | undefined {
  if (kind === 'indices') return 'all';
  return key === 'modulesToSave' ? 'none' : undefined;
}
