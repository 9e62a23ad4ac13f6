import { useState } from 'react';
import { formatCount } from '../../ui/format';
import { LinkButton } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import { Panel } from '../../ui/Panel';
import '../../ui/Table.css';
import { saveFile } from '../../ui/saveFile';
import type { AnsweredText, ClassResult, WrittenText } from '../../../workers/api/results';
import { csvBlob } from './csv';
import shared from './shared.module.css';
import styles from './Samples.module.css';

const firstSamples = 5;

/** What both models wrote by themselves after texts that they were judged on. */
export function Samples({ result }: { result: ClassResult }) {
  const [all, setAll] = useState(false);
  const samples = result.written?.samples ?? [];
  if (samples.length === 0) return null;
  const shown = all ? samples : samples.slice(0, firstSamples);
  return (
    <Panel level={3} title="Free answers" reading={`${formatCount(samples.length)} texts, evenly spread, the likeliest tokens`}>
      <table className={`table ${styles.samples}`} data-testid="samples">
        <thead>
          <tr>
            <th scope="col">Text</th>
            <th scope="col">True</th>
            <th scope="col" className="is-base">
              Base writes
            </th>
            <th scope="col" className="is-tuned">
              Tuned writes
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((sample, index) => (
            <tr key={index}>
              <td className={styles.text}>{sample.text}</td>
              <td>{sample.label}</td>
              <Answer written={sample.base} label={sample.label} />
              <Answer written={sample.tuned} label={sample.label} />
            </tr>
          ))}
        </tbody>
      </table>
      <p className={shared.under}>
        {samples.length > firstSamples && (
          <LinkButton onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? 'Show fewer' : `Show all ${formatCount(samples.length)}`}
          </LinkButton>
        )}
        <LinkButton onClick={() => saveSamples(samples, result.name)}>Download as CSV</LinkButton>
      </p>
    </Panel>
  );
}

function Answer({ written, label }: { written: WrittenText; label: string }) {
  return (
    <td className={styles.text}>
      <Verdict written={written} label={label} /> {written.text.trim() === '' ? 'nothing' : written.text.trim()}
    </td>
  );
}

function Verdict({ written, label }: { written: WrittenText; label: string }) {
  if (written.label === null) {
    return (
      <>
        <span aria-hidden="true">–</span>
        <span className="sr">names no label:</span>
      </>
    );
  }
  const isRight = written.label === label;
  return (
    <>
      <Icon name={isRight ? 'tick' : 'cross'} />
      <span className="sr">{isRight ? 'right:' : 'wrong:'}</span>
    </>
  );
}

function saveSamples(samples: readonly AnsweredText[], name: string): void {
  const rows = samples.map(({ text, label, base, tuned }) => [text, label, base.text, tuned.text] as const);
  const plain = name.replaceAll(/[^\p{L}\p{N}]+/gu, '-').slice(0, 80);
  saveFile(`${plain}-answers.csv`, csvBlob(['text', 'label', 'base', 'tuned'], rows));
}
