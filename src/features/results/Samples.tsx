import { useState } from 'react';
import { noLabel } from '../../charts/matrix';
import { formatCount } from '../../ui/format';
import { LinkButton } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import '../../ui/Table.css';
import { saveFile } from '../../ui/saveFile';
import type { AnsweredText, ClassResult, WrittenText } from '../../../workers/api/results';
import { csvBlob, fileName } from './csv';
import { splitName, textsWords } from './words';
import shared from './shared.module.css';
import styles from './Samples.module.css';

const firstSamples = 5;
/** Drawn at most; the CSV has them all. */
const mostSamples = 500;

/** What both models wrote by themselves after the texts that they were judged on, with a mark for each. */
export function Samples({ result }: { result: ClassResult }) {
  const [all, setAll] = useState(false);
  const { written, tuned } = result;
  if (!written) return null;
  const { samples } = written;
  const shown = samples.slice(0, all ? mostSamples : firstSamples);
  return (
    <div>
      <div className="scroll-x" role="region" aria-label="What they wrote" tabIndex={0}>
        <table className={`table ${styles.samples}`} data-testid="samples">
          <thead>
            <tr>
              <th scope="col">{splitName(tuned.split)} text</th>
              <th scope="col">True</th>
              <th scope="col">
                <span className="is-base">Base writes</span>
              </th>
              <th scope="col">
                <span className="is-tuned">Tuned writes</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((sample, index) => (
              <tr key={index}>
                <td className={styles.text}>
                  <span className={styles.clamp}>{sample.text}</span>
                </td>
                <td className={styles.text}>{sample.label}</td>
                <Answer written={sample.base} label={sample.label} />
                <Answer written={sample.tuned} label={sample.label} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={shared.under}>
        {samples.length > firstSamples && (
          <LinkButton onClick={() => setAll(!all)} aria-expanded={all}>
            {all
              ? 'Show fewer'
              : samples.length > mostSamples
                ? `Show ${formatCount(mostSamples)} of ${formatCount(samples.length)}`
                : `Show all ${formatCount(samples.length)}`}
          </LinkButton>
        )}
        <LinkButton onClick={() => saveSamples(samples, result.name)}>Download as CSV</LinkButton>
        <span className={styles.key}>
          <Icon name="dash" /> names {noLabel}
        </span>
      </p>
      {written.tuned.count < tuned.count && (
        <p className="label">
          {textsWords(written.tuned, tuned.count)}: writing takes longer than scoring, so not every text is answered freely.
        </p>
      )}
    </div>
  );
}

function Answer({ written, label }: { written: WrittenText; label: string }) {
  const verdict = written.label === null ? 'none' : written.label === label ? 'right' : 'wrong';
  const text = written.text.trim();
  return (
    <td className={styles.text}>
      <span className={styles.said}>
        <Icon name={verdictIcons[verdict]} />
        <span className={styles.clamp}>
          <span className="sr">{verdictWords[verdict]}: </span>
          {text === '' ? <i>nothing</i> : text}
        </span>
      </span>
    </td>
  );
}

const verdictIcons = { none: 'dash', right: 'tick', wrong: 'cross' } as const;
const verdictWords = { none: `names ${noLabel}`, right: 'right', wrong: 'wrong' };

function saveSamples(samples: readonly AnsweredText[], name: string): void {
  const rows = samples.map(
    ({ text, label, base, tuned }) => [text, label, base.text, base.label ?? '', tuned.text, tuned.label ?? ''] as const,
  );
  const columns = ['text', 'label', 'base', 'base names', 'tuned', 'tuned names'];
  saveFile(`${fileName(name)}-answers.csv`, csvBlob(columns, rows));
}
