import { useEffect, useState } from 'react';
import { trainer } from '../../client/trainerClient';
import { LinkButton } from '../../ui/Button';
import { formatCount, plural } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { ErrorNotice } from '../../ui/Notice';
import { Panel } from '../../ui/Panel';
import '../../ui/Quotes.css';
import { reportOf, type ErrorReport } from '../../../workers/api/errors';
import type { ClassifiedText } from '../../../workers/api/results';
import type { Slice, SliceGroup } from '../../../workers/api/slices';
import type { JudgedResult } from './judged';
import { sliceWords } from './sliceFigures';
import { sliceNotes } from './sliceNotes';
import { isChosen, type SlicesView } from './useSlices';
import shared from './shared.module.css';
import texts from './CellTexts.module.css';
import styles from './slices.module.css';

const firstTexts = 5;
const mostTexts = 500;

/** Beside the slices: what stands out, and the chosen slice's texts that the tuned model reads wrong. */
export function SliceSide({ view, result }: { view: SlicesView; result: JudgedResult }) {
  const { report, chosen, figure } = view;
  if (report === null) return null;
  const found = report.groups
    .flatMap((group) => group.slices.map((slice) => ({ group, slice })))
    .find(({ group, slice }) => isChosen(chosen, group, slice));
  return (
    <>
      <Panel level={3} title="What stands out" reading={`by ${figure === 'macroF1' ? 'macro-F1' : 'accuracy'}`}>
        <ul className={styles.notes}>
          {sliceNotes(report, figure).map(({ title, words }) => (
            <li key={title}>
              <b>{title}</b> {words}
            </li>
          ))}
        </ul>
      </Panel>
      {found && <WrongTexts view={view} result={result} group={found.group} slice={found.slice} />}
    </>
  );
}

interface WrongTextsProps {
  view: SlicesView;
  result: JudgedResult;
  group: SliceGroup;
  slice: Slice;
}

function WrongTexts({ view, result, group, slice }: WrongTextsProps) {
  const { wrong, error } = useWrongTexts(view, result, group, slice);
  const [all, setAll] = useState(false);
  useEffect(() => setAll(false), [slice]);
  const name = sliceWords(group, slice);
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  return (
    <Panel
      level={3}
      className={texts.cellTexts}
      title={<span title={title}>{title}</span>}
      reading={
        wrong && (
          <>
            <b>{formatCount(wrong.length)}</b> of {formatCount(slice.rows)} wrong
          </>
        )
      }
    >
      <div data-testid="slice-texts">
        {error && <ErrorNotice report={error} />}
        {wrong?.length === 0 && (
          <p className="label">
            The tuned model {result.judgedBy === 'writing' ? 'answers' : 'reads'} {slice.rows === 1 ? 'it' : 'all of them'} right.
          </p>
        )}
        <ul className={`quotes ${texts.texts}`}>
          {(wrong ?? []).slice(0, all ? mostTexts : firstTexts).map((text, index) => (
            <li key={index} className={styles.wrong}>
              <q>{text.text}</q>
              <p>
                <Icon name="cross" />
                <b className="is-tuned">{text.predicted ?? 'no label'}</b>, true: {text.label}
              </p>
            </li>
          ))}
        </ul>
        {wrong && wrong.length > firstTexts && (
          <p className={shared.under}>
            <LinkButton aria-expanded={all} onClick={() => setAll(!all)}>
              {all
                ? 'Show fewer'
                : `Show ${wrong.length > mostTexts ? plural(mostTexts, 'text') : `all ${formatCount(wrong.length)}`}`}
            </LinkButton>
          </p>
        )}
      </div>
    </Panel>
  );
}

function useWrongTexts({ query }: SlicesView, result: JudgedResult, { kind, by }: SliceGroup, { value }: Slice) {
  const [answer, setAnswer] = useState<{ wrong: ClassifiedText[] | null; error: ErrorReport | null }>({
    wrong: null,
    error: null,
  });
  useEffect(() => {
    let isCurrent = true;
    const tell = (next: typeof answer) => {
      if (isCurrent) setAnswer(next);
    };
    Promise.resolve()
      .then(() => trainer().textsOfSlice({ query, kind, by, value }))
      .then(
        (wrong) => tell({ wrong, error: null }),
        (thrown: unknown) => tell({ wrong: null, error: reportOf(thrown) }),
      );
    return () => {
      isCurrent = false;
    };
  }, [result, query, kind, by, value]);
  return answer;
}
