import { TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import {
  cleaningEntries,
  mostMinWords,
  type CleaningEntry,
  type CleaningReport,
  type CleaningSettings,
} from '../../../workers/api/cleaning';
import type { DatasetSummary } from '../../../workers/api/dataset';
import { cleanDataset } from '../../state/commands';
import { formatCount, plural } from '../../ui/format';
import { Switch } from '../../ui/Switch';
import { Changes } from './Changes';
import styles from './dataset.module.css';

/** How many words “drop short texts” asks for when it is switched on. */
const usualMinWords = 3;

/** Each cleaning step a switch with the texts it changes; what changes stands beside it. */
export function CleanTexts({ dataset, report }: { dataset: DatasetSummary; report: CleaningReport | null }) {
  // Ahead of the worker: what was pressed counts at once, and the next press adds to it. Refused, all goes back to what holds.
  const [wanted, setWanted] = useState<CleaningSettings | null>(null);
  const shown = wanted ?? dataset.cleaning;
  const change = (cleaning: CleaningSettings) => {
    setWanted(cleaning);
    void cleanDataset(cleaning).then(() => setWanted((now) => (now === cleaning ? null : now)));
  };
  return (
    <section className={styles.part} aria-label="Clean texts">
      <div className={styles.halves}>
        <div>
          <div className={styles.partHead}>
            <h3>Clean texts</h3>
            <p className="reading">{report ? 'texts it changes' : 'Counting…'}</p>
          </div>
          <ul className={styles.switches}>
            {cleaningEntries.map((entry) => (
              <CleaningRow key={entry.key} entry={entry} cleaning={shown} report={report} onChange={change} />
            ))}
          </ul>
        </div>
        <Changes cleaning={shown} report={report} />
      </div>
    </section>
  );
}

interface RowProps {
  entry: CleaningEntry;
  cleaning: CleaningSettings;
  report: CleaningReport | null;
  onChange: (cleaning: CleaningSettings) => void;
}

function CleaningRow({ entry, cleaning, report, onChange }: RowProps) {
  const { key, name, label, help } = entry;
  const isOn = Boolean(cleaning[key]);
  const isWords = key === 'minWords';
  const set = (on: boolean) => onChange({ ...cleaning, [key]: isWords ? (on ? usualMinWords : 0) : on });
  return (
    <li title={help}>
      <Switch
        checked={isOn}
        onChange={(event) => set(event.currentTarget.checked)}
        aria-label={label}
        data-testid={isWords ? 'clean-short' : `setting-${name}`}
      />
      <div>
        {isWords ? (
          <ShortTexts words={cleaning.minWords} onChange={(minWords) => onChange({ ...cleaning, minWords })} />
        ) : (
          <b>{label}</b>
        )}
      </div>
      <Count isOn={isOn}>{report && formatCount(report.counts[key])}</Count>
    </li>
  );
}

function Count({ isOn, children }: { isOn: boolean; children: ReactNode }) {
  return <span className={isOn ? 'num' : 'num quiet'}>{children ?? '…'}</span>;
}

function ShortTexts({ words, onChange }: { words: number; onChange: (words: number) => void }) {
  const [text, setText] = useState<string | null>(null);
  const commit = () => {
    const entered = text === null ? words : Number(text.trim() === '' ? 0 : text);
    setText(null);
    if (Number.isInteger(entered) && entered >= 0 && entered <= mostMinWords && entered !== words) onChange(entered);
  };
  return (
    <b className={styles.words}>
      Drop texts under{' '}
      <TextInput
        data-testid="setting-clean.min_words"
        aria-label="Fewest words"
        inputMode="numeric"
        placeholder={String(usualMinWords)}
        value={text ?? (words === 0 ? '' : String(words))}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
        classNames={{ input: `input ${styles.wordsInput}` }}
      />{' '}
      {words === 1 ? 'word' : 'words'}
    </b>
  );
}

/** For the compact panel: what cleaning is on. */
export function cleaningWords(cleaning: CleaningSettings): string {
  const on = cleaningEntries.filter(({ key }) => Boolean(cleaning[key]));
  return on.length === 0 ? 'Texts as they are' : `Texts cleaned in ${plural(on.length, 'way')}`;
}
