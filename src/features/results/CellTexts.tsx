import { useEffect, useState } from 'react';
import { formatCount, formatPercent, plural } from '../../ui/format';
import { LinkButton } from '../../ui/Button';
import { ErrorNotice } from '../../ui/Notice';
import { Panel } from '../../ui/Panel';
import '../../ui/Quotes.css';
import { saveFile } from '../../ui/saveFile';
import { reportOf } from '../../../workers/api/errors';
import type { ErrorReport } from '../../../workers/api/errors';
import type { ClassifiedText, ClassResult } from '../../../workers/api/results';
import { trainer } from '../../client/trainerClient';
import { cellCount } from './cell';
import type { ChosenCell } from './cell';
import { csvBlob } from './csv';
import shared from './shared.module.css';
import styles from './CellTexts.module.css';

const firstTexts = 7;
/** Drawn at most; the CSV has them all. */
const mostTexts = 500;

/** The texts behind a cell, surest first. */
export function CellTexts({ result, cell }: { result: ClassResult; cell: ChosenCell }) {
  const { texts, error } = useCellTexts(result, cell);
  const [all, setAll] = useState(false);
  useEffect(() => setAll(false), [cell]);
  const count = cellCount(result, cell);
  const shown = texts?.slice(0, all ? mostTexts : firstTexts) ?? [];
  const actual = result.labels[cell.actual] ?? '';
  const predicted = result.labels[cell.predicted] ?? '';
  const title = actual === predicted ? `${actual}, read right` : `${actual} read as ${predicted}`;
  return (
    <Panel
      level={3}
      className={styles.cellTexts}
      title={<span title={title}>{title}</span>}
      reading={
        <>
          <b>{formatCount(count)}</b> {count === 1 ? 'text' : 'texts'}
          {cell.role === 'base' && <span className="is-base"> of the base model</span>}
          {count > 1 && ', surest first'}
        </>
      }
    >
      <div data-testid="cell-texts">
        {error && <ErrorNotice report={error} />}
        {texts === null && !error && <p className="label">Looking them up</p>}
        {texts?.length === 0 && <p className="label">No text was read so.</p>}
        <ul className={`quotes ${styles.texts}`}>
          {shown.map((text, index) => (
            <li key={index}>
              <q>{text.text}</q>
              <span className={`is-${cell.role}`}>{formatPercent(text.probability, 0)}</span>
            </li>
          ))}
        </ul>
        {texts !== null && texts.length > 0 && (
          <p className={shared.under}>
            {texts.length > firstTexts && (
              <LinkButton onClick={() => setAll(!all)} aria-expanded={all}>
                {all ? 'Show fewer' : `Show all ${formatCount(texts.length)}`}
              </LinkButton>
            )}
            <LinkButton onClick={() => saveTexts(texts, `${actual} read as ${predicted}`)}>Download as CSV</LinkButton>
          </p>
        )}
        {all && texts !== null && texts.length > mostTexts && (
          <p className="label">The first {plural(mostTexts, 'text')} stand here, the CSV has all.</p>
        )}
      </div>
    </Panel>
  );
}

function saveTexts(texts: readonly ClassifiedText[], name: string): void {
  const rows = texts.map(
    ({ text, label, predicted, probability }) => [text, label, predicted, Number(probability.toFixed(4))] as const,
  );
  saveFile(`${fileName(name)}.csv`, csvBlob(['text', 'label', 'predicted', 'probability'], rows));
}

/** Labels are data: only letters, digits and hyphens of them go into a file's name. */
function fileName(words: string): string {
  return (
    words
      .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 80) || 'texts'
  );
}

function useCellTexts(result: ClassResult, cell: ChosenCell): { texts: ClassifiedText[] | null; error: ErrorReport | null } {
  const [answer, setAnswer] = useState<{ texts: ClassifiedText[] | null; error: ErrorReport | null }>({
    texts: null,
    error: null,
  });
  useEffect(() => {
    let isCurrent = true;
    const tell = (next: typeof answer) => {
      if (isCurrent) setAnswer(next);
    };
    setAnswer({ texts: null, error: null });
    const query = { model: cell.role, actual: result.labels[cell.actual] ?? '', predicted: result.labels[cell.predicted] ?? '' };
    Promise.resolve()
      .then(() => trainer().textsOfCell(query))
      .then(
        (texts) => tell({ texts, error: null }),
        (thrown: unknown) => tell({ texts: null, error: reportOf(thrown) }),
      );
    return () => {
      isCurrent = false;
    };
  }, [result, cell]);
  return answer;
}
