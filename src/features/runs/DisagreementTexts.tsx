import { useEffect, useState } from 'react';
import { reportOf, type ErrorReport } from '../../../workers/api/errors';
import type { JudgedBy } from '../../../workers/api/results';
import type { Disagreements, ListedRun, ReadText } from '../../../workers/api/runs';
import { noLabel } from '../../charts/matrix';
import { trainer } from '../../client/trainerClient';
import { IconButton } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import { formatCount, formatPercent } from '../../ui/format';
import { ErrorNotice } from '../../ui/Notice';
import { Panel } from '../../ui/Panel';
import '../../ui/Table.css';
import styles from './runs.module.css';

const pageRows = 10;

interface DisagreementTextsProps {
  a: ListedRun;
  b: ListedRun;
  judgedBy: JudgedBy;
  total: number;
  common: number;
}

/** Texts to which two tuned models give different classes, a page at a time. */
export function DisagreementTexts({ a, b, judgedBy, total, common }: DisagreementTextsProps) {
  const [offset, setOffset] = useState(0);
  const [page, setPage] = useState<Disagreements | null>(null);
  const [error, setError] = useState<ErrorReport | null>(null);
  useEffect(() => {
    let isWanted = true;
    trainer()
      .disagreements({ a: a.id, b: b.id, judgedBy, offset, count: pageRows })
      .then((found) => isWanted && setPage(found))
      .catch((thrown: unknown) => isWanted && setError(reportOf(thrown)));
    return () => void (isWanted = false);
  }, [a.id, b.id, judgedBy, offset]);
  return (
    <Panel
      level={3}
      title="Texts on which they disagree"
      className={styles.texts}
      reading={
        <>
          <b>{formatCount(total)}</b> of {formatCount(common)}, {formatPercent(total / common)}
        </>
      }
    >
      {error && <ErrorNotice report={error} />}
      {total === 0 ? <p className="help">Both give every text the same class.</p> : page && <Texts page={page} a={a} b={b} />}
      {total > pageRows && (
        <div className={styles.pages}>
          <IconButton icon="before" label="Texts before" disabled={offset === 0} onClick={() => setOffset(offset - pageRows)} />
          <span>
            {formatCount(offset + 1)} to {formatCount(Math.min(total, offset + pageRows))} of {formatCount(total)}
          </span>
          <IconButton
            icon="next"
            label="Next texts"
            disabled={offset + pageRows >= total}
            onClick={() => setOffset(offset + pageRows)}
          />
        </div>
      )}
    </Panel>
  );
}

function Texts({ page, a, b }: { page: Disagreements; a: ListedRun; b: ListedRun }) {
  return (
    <div className={styles.wrap} role="region" aria-label="Texts on which the runs disagree" tabIndex={0}>
      <table className={`table ${styles.disagreements}`} data-testid="disagreements">
        <thead>
          <tr>
            <th scope="col">Text</th>
            <th scope="col">Label</th>
            <th scope="col">A, run {a.number}</th>
            <th scope="col">B, run {b.number}</th>
          </tr>
        </thead>
        <tbody>
          {page.texts.map(({ text, label, a: ofA, b: ofB }, index) => (
            <tr key={index}>
              <td className={styles.text}>{shortened(text)}</td>
              <td data-name="Label">{label}</td>
              <Read name={`A, run ${a.number}`} as={ofA} isRight={ofA.label === label} />
              <Read name={`B, run ${b.number}`} as={ofB} isRight={ofB.label === label} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What a run wrote is shown as it stands, since that is what is disagreed on. */
function Read({ name, as: { label, answer }, isRight }: { name: string; as: ReadText; isRight: boolean }) {
  const words = label ?? noLabel;
  return (
    <td data-name={name}>
      <span className={styles.read}>
        <Icon name={label === null ? 'dash' : isRight ? 'tick' : 'cross'} />
        {isRight ? <b>{words}</b> : <span className="quiet">{words}</span>}
        <span className="sr">{isRight ? ', right' : ', wrong'}</span>
      </span>
      {answer !== null && answer.trim() !== label && (
        <span className={styles.answer}>{answer.trim() === '' ? 'nothing written' : `“${shortened(answer.trim())}”`}</span>
      )}
    </td>
  );
}

function shortened(text: string): string {
  return text.length > 240 ? `${text.slice(0, 238)}…` : text;
}
