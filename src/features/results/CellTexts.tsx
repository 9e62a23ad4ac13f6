import { useEffect, useState } from 'react';
import { columnName } from '../../charts/matrix';
import { formatCount, formatPercent, plural } from '../../ui/format';
import { LinkButton } from '../../ui/Button';
import { ErrorNotice } from '../../ui/Notice';
import { Panel } from '../../ui/Panel';
import '../../ui/Quotes.css';
import { saveFile } from '../../ui/saveFile';
import { reportOf, type ErrorReport } from '../../../workers/api/errors';
import type { ClassifiedText } from '../../../workers/api/results';
import { trainer } from '../../client/trainerClient';
import { cellCount, type ChosenCell } from './cell';
import { csvBlob, fileName } from './csv';
import type { JudgedResult } from './judged';
import shared from './shared.module.css';
import styles from './CellTexts.module.css';

const firstTexts = 7;
/** Drawn at most; the CSV has them all. */
const mostTexts = 500;

/** The texts behind a cell: surest first, or with what the model wrote. */
export function CellTexts({ result, cell }: { result: JudgedResult; cell: ChosenCell }) {
  const { texts, error } = useCellTexts(result, cell);
  const [all, setAll] = useState(false);
  useEffect(() => setAll(false), [cell]);
  const shown = texts?.slice(0, all ? mostTexts : firstTexts) ?? [];
  const title = cellTitle(result, cell);
  return (
    <Panel
      level={3}
      className={styles.cellTexts}
      title={<span title={title}>{title}</span>}
      reading={<CellReading result={result} cell={cell} />}
    >
      <div data-testid="cell-texts">
        {error && <ErrorNotice report={error} />}
        {texts === null && !error && <p className="label">Looking them up</p>}
        {texts?.length === 0 && <p className="label">No text was read so.</p>}
        <ul className={`quotes ${styles.texts}`}>
          {shown.map((text, index) => (
            <li key={index}>
              <q>{text.text}</q>
              {text.probability !== null && <span className={`is-${cell.role}`}>{formatPercent(text.probability, 0)}</span>}
              {text.answer !== null && (
                <p className={`is-${cell.role} ${styles.answer}`}>
                  {text.answer.trim() === '' ? 'wrote nothing' : text.answer.trim()}
                </p>
              )}
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
            <LinkButton onClick={() => saveTexts(texts, title)}>Download as CSV</LinkButton>
          </p>
        )}
        {all && texts !== null && texts.length > mostTexts && (
          <p className="label">The first {plural(mostTexts, 'text')} stand here, the CSV has all.</p>
        )}
      </div>
    </Panel>
  );
}

function cellTitle({ labels, judgedBy }: JudgedResult, { actual, predicted }: ChosenCell): string {
  const name = labels[actual] ?? '';
  if (predicted >= labels.length) return `${name} answered without a label`;
  const verb = judgedBy === 'writing' ? 'answered' : 'read';
  return actual === predicted ? `${name}, ${verb} right` : `${name} ${verb} as ${columnName(labels, predicted)}`;
}

/** From base to tuned where what they write is compared; else the texts of the chosen model. */
function CellReading({ result, cell }: { result: JudgedResult; cell: ChosenCell }) {
  const count = cellCount(result, cell);
  if (result.judgedBy === 'writing') {
    const of = result.tuned.confusion[cell.actual]?.reduce((sum, each) => sum + each, 0) ?? 0;
    return (
      <>
        <span className="is-base">{formatCount(cellCount(result, { ...cell, role: 'base' }))}</span> to{' '}
        <span className="is-tuned">{formatCount(cellCount(result, { ...cell, role: 'tuned' }))}</span> of {formatCount(of)}
      </>
    );
  }
  return (
    <>
      <b>{formatCount(count)}</b> {count === 1 ? 'text' : 'texts'}
      {cell.role === 'base' && <span className="is-base"> of the base model</span>}
      {count > 1 && ', surest first'}
    </>
  );
}

function saveTexts(texts: readonly ClassifiedText[], name: string): void {
  const rows = texts.map(
    ({ text, label, predicted, probability, answer }) =>
      [text, label, predicted ?? '', probability === null ? '' : Number(probability.toFixed(4)), answer ?? ''] as const,
  );
  saveFile(`${fileName(name)}.csv`, csvBlob(['text', 'label', 'predicted', 'probability', 'answer'], rows));
}

function useCellTexts(result: JudgedResult, cell: ChosenCell): { texts: ClassifiedText[] | null; error: ErrorReport | null } {
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
    const query = {
      judgedBy: result.judgedBy,
      model: cell.role,
      actual: result.labels[cell.actual] ?? '',
      predicted: result.labels[cell.predicted] ?? null,
    };
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
