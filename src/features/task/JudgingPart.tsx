import { TextInput } from '@mantine/core';
import { usePreview, useSession, useSettings } from '../../state/hooks';
import { setSetting, writeValue, type SettingsReading } from '../../state/settings';
import { formatCount, plural } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { Switch } from '../../ui/Switch';
import styles from './task.module.css';

/** By likelihood always; by what the models write, where the user wants to wait for it. */
export function JudgingPart({ reading }: { reading: SettingsReading }) {
  const answers = usePreview().preview?.answers ?? null;
  const labels = useSession((state) => state.dataset?.labels.length ?? null);
  const { predictWithGenerate } = reading.settings;
  const id = 'setting-predict_with_generate';
  return (
    <div>
      <h3>How answers are judged</h3>
      <ul className={styles.ways}>
        <li>
          <Icon name="tick" />
          <div>
            <b>By likelihood</b>
            <p className="help">Which label’s word the model holds likeliest. Always an answer, so always computed.</p>
          </div>
        </li>
        <li>
          <Switch
            id={id}
            data-testid={id}
            aria-labelledby={`${id}-label`}
            aria-describedby={`${id}-help`}
            checked={predictWithGenerate}
            onChange={(event) => setSetting('predictWithGenerate', String(event.currentTarget.checked))}
          />
          <div>
            <b id={`${id}-label`}>By what it writes</b>
            <p className="help" id={`${id}-help`}>
              {predictWithGenerate
                ? `${answers ? `Up to ${plural(answers.writtenTokens, 'token')}, greedy, on up to ${formatCount(answers.writtenTexts)} texts at the end. ` : ''}Counts the answers that name no label.`
                : 'Off: both models stay silent at the end, which saves its time. They still write in the playground.'}
            </p>
          </div>
        </li>
        {predictWithGenerate && (
          <li>
            <span />
            <LongestAnswer reading={reading} />
          </li>
        )}
      </ul>
      {labels !== null && labels > 1 && (
        <p className="help">What stands before the answer is computed once for all {formatCount(labels)} words of a text.</p>
      )}
    </div>
  );
}

function LongestAnswer({ reading }: { reading: SettingsReading }) {
  const id = 'setting-max_new_tokens';
  const typed = useSettings((state) => state.texts.maxNewTokens);
  const problem = reading.problems.find(({ key }) => key === 'maxNewTokens')?.message ?? null;
  return (
    <div>
      <div className={`${styles.longest} ${reading.changed.includes('maxNewTokens') ? 'is-changed' : ''}`}>
        <label htmlFor={id}>
          Longest answer <span className="mono">max_new_tokens</span>
        </label>
        <TextInput
          id={id}
          data-testid={id}
          inputMode="decimal"
          aria-describedby={`${id}-help`}
          aria-invalid={problem !== null}
          value={typed ?? writeValue(reading.settings.maxNewTokens)}
          onChange={(event) => setSetting('maxNewTokens', event.currentTarget.value)}
          autoComplete="off"
          classNames={{ input: `input ${styles.word}` }}
        />
      </div>
      <p className={problem ? 'help problem' : 'help'} id={`${id}-help`}>
        {problem ?? '0: as many as the longest word takes, and four more.'}
      </p>
    </div>
  );
}
