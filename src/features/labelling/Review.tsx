import { TextInput } from '@mantine/core';
import { useEffect, useId, useState } from 'react';
import { reportOf, type ErrorReport } from '../../../workers/api/errors';
import { mostReviewed, type LabelledTable, type UnsureRows } from '../../../workers/api/labelling';
import { unsureRows } from '../../state/labelling';
import { Button, LinkButton } from '../../ui/Button';
import { formatCount, formatPercent, plural } from '../../ui/format';
import { ErrorNotice } from '../../ui/Notice';
import '../../ui/Table.css';
import styles from './labelling.module.css';
import { rowsBelow, usualLimit } from './sureness';

const pageRows = 10;
const settleMs = 200;

interface ReviewProps {
  labelled: LabelledTable;
  isSaving: boolean;
  onSave: (below: number) => void;
}

/** Rows whose labels are the least sure, to be looked at first. */
export function Review({ labelled, isSaving, onSave }: ReviewProps) {
  const limitId = useId();
  const [below, setBelow] = useState(() => usualLimit(labelled.sureness));
  const [search, setSearch] = useState('');
  const [offset, setOffset] = useState(0);
  const { page, error } = useUnsure(labelled, { below, search, offset });
  const count = rowsBelow(labelled.sureness, below);
  return (
    <section aria-label="To review" data-testid="label-review" className={styles.review}>
      <div className={styles.head}>
        <h4>To review</h4>
        <p className="reading" aria-live="polite" data-testid="label-below">
          <b>{formatCount(count)}</b> of {formatCount(labelled.done)} rows are under {below}&nbsp;%
        </p>
      </div>
      <div className={styles.limit}>
        <label htmlFor={limitId}>Less sure than</label>
        <input
          id={limitId}
          type="range"
          min={1}
          max={100}
          value={below}
          data-testid="label-threshold"
          aria-valuetext={`${below} per cent, ${plural(count, 'row')}`}
          onChange={({ currentTarget: { value } }) => {
            setBelow(Number(value));
            setOffset(0);
          }}
        />
        <output htmlFor={limitId}>{below}&nbsp;%</output>
      </div>
      {error && <ErrorNotice report={error} />}
      {count === 0 ? (
        <p className="help">Every label is surer than that. Move the limit up to see the least sure ones.</p>
      ) : (
        <>
          <TextInput
            type="search"
            aria-label="Search the rows to review"
            placeholder="Search texts and labels"
            data-testid="label-search"
            value={search}
            onChange={({ currentTarget: { value } }) => {
              setSearch(value);
              setOffset(0);
            }}
            classNames={{ input: 'input' }}
          />
          {page && <Rows page={page} role={labelled.request.model} />}
          {page && page.matching === 0 && (
            <p className="help">
              No row matches. <LinkButton onClick={() => setSearch('')}>Show all</LinkButton>
            </p>
          )}
          {page && <Pages page={page} offset={offset} onTurn={setOffset} />}
          <div className={styles.actions}>
            <Button
              size="sm"
              icon="download"
              disabled={isSaving}
              onClick={() => onSave(below)}
              data-testid="label-review-download"
            >
              Download {plural(count, 'row')} to review
            </Button>
            {page && page.below > page.listed && (
              <span className="label">The {formatCount(mostReviewed)} least sure are listed here; the download has all.</span>
            )}
          </div>
        </>
      )}
    </section>
  );
}

function useUnsure(labelled: LabelledTable, query: { below: number; search: string; offset: number }) {
  const { below, search, offset } = query;
  const [page, setPage] = useState<UnsureRows | null>(null);
  const [error, setError] = useState<ErrorReport | null>(null);
  useEffect(() => {
    let isWanted = true;
    const timer = setTimeout(() => {
      unsureRows({ below, search, offset, count: pageRows })
        .then((found) => {
          if (!isWanted) return;
          setPage(found);
          setError(null);
        })
        .catch((thrown: unknown) => isWanted && setError(reportOf(thrown)));
    }, settleMs);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [labelled, below, search, offset]);
  return { page, error };
}

function Rows({ page, role }: { page: UnsureRows; role: 'base' | 'tuned' }) {
  if (page.rows.length === 0) return null;
  return (
    <div className={styles.scroll} role="region" aria-label="Least sure rows" tabIndex={0}>
      <table className="table" data-testid="label-review-rows">
        <caption className="sr">Rows with the least sure labels, least sure first</caption>
        <thead>
          <tr>
            <th scope="col" className="num">
              Row
            </th>
            <th scope="col">Text</th>
            <th scope="col">Label</th>
            <th scope="col" className="num">
              Sure
            </th>
          </tr>
        </thead>
        <tbody>
          {page.rows.map(({ row, text, label, probability }) => (
            <tr key={row}>
              <td className="rownum">{formatCount(row)}</td>
              <td className="clip" title={text}>
                {text}
              </td>
              <td>
                <span className="chip" title={label}>
                  {label}
                </span>
              </td>
              <td className={`num is-${role}`}>{formatPercent(Math.floor(probability * 1000) / 1000)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Pages({ page, offset, onTurn }: { page: UnsureRows; offset: number; onTurn: (offset: number) => void }) {
  if (page.matching <= pageRows) return null;
  const last = Math.min(page.matching, offset + pageRows);
  return (
    <div className={styles.pages}>
      <Button size="sm" disabled={offset === 0} onClick={() => onTurn(Math.max(0, offset - pageRows))}>
        Before
      </Button>
      <span className="quiet">
        {formatCount(offset + 1)} to {formatCount(last)} of {formatCount(page.matching)}
      </span>
      <Button
        size="sm"
        disabled={last >= page.matching}
        onClick={() => onTurn(offset + pageRows)}
        data-testid="label-review-next"
      >
        Next
      </Button>
    </div>
  );
}
