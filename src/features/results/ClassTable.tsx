import { useState } from 'react';
import { Dumbbell } from '../../charts/Dumbbell';
import { formatShare } from '../../charts/format';
import { columnName, confusionsOf, mostNamedClasses } from '../../charts/matrix';
import { LinkButton } from '../../ui/Button';
import { formatCount } from '../../ui/format';
import { Panel } from '../../ui/Panel';
import { saveFile } from '../../ui/saveFile';
import '../../ui/Table.css';
import type { Averages, ClassMetrics } from '../../../workers/api/results';
import { csvBlob } from './csv';
import type { JudgedResult } from './judged';
import shared from './shared.module.css';
import styles from './ClassTable.module.css';

interface Row {
  number: number;
  label: string;
  support: number;
  base: Averages;
  tuned: Averages;
  /** The class that it is most often taken for, and by how many texts. */
  readAs: { label: string; count: number } | null;
}

const firstClasses = 12;

/** Precision, recall and F1 of each class, base to tuned; over twelve classes the weakest first. */
export function ClassTable({ result }: { result: JudgedResult }) {
  const [wanted, setWanted] = useState('');
  const [all, setAll] = useState(false);
  const isMany = result.labels.length > mostNamedClasses;
  const rows = rowsOf(result);
  const ordered = isMany ? rows.toSorted((first, second) => first.tuned.f1 - second.tuned.f1) : rows;
  const found = ordered.filter((row) => row.label.toLowerCase().includes(wanted.trim().toLowerCase()));
  const shown = isMany && !all ? found.slice(0, firstClasses) : found;
  return (
    <Panel
      level={3}
      title="Class by class"
      reading={
        isMany ? (
          <span className={styles.finding}>
            weakest first <FindClass value={wanted} onChange={setWanted} />
          </span>
        ) : (
          <>
            <span className="is-base">base</span> to <span className="is-tuned">tuned</span>
          </>
        )
      }
    >
      <div className="scroll-x" role="region" aria-label="Table of classes" tabIndex={0}>
        <table className={`table ${styles.classes}`}>
          <Head isMany={isMany} />
          <tbody>
            {shown.map((row) => (
              <ClassRow key={row.number} row={row} isMany={isMany} />
            ))}
            {wanted === '' && <AverageRows result={result} isMany={isMany} />}
          </tbody>
        </table>
      </div>
      {found.length === 0 && <p className="label">No class has “{wanted}” in its name.</p>}
      <p className={shared.under}>
        {isMany && found.length > firstClasses && (
          <LinkButton aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${formatCount(found.length)}`}
          </LinkButton>
        )}
        <LinkButton onClick={() => saveFile('classes.csv', csvBlob(csvColumns, ordered.map(csvRow)))}>Download as CSV</LinkButton>
      </p>
    </Panel>
  );
}

function FindClass({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <input
      className={`${shared.control} ${styles.find}`}
      type="search"
      placeholder="Find a class"
      aria-label="Find a class"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function rowsOf(result: JudgedResult): Row[] {
  const none: Averages = { precision: 0, recall: 0, f1: 0 };
  const baseOf = new Map<string, ClassMetrics>(result.base.perClass.map((metrics) => [metrics.label, metrics]));
  const confusions = confusionsOf(result.tuned.confusion);
  return result.tuned.perClass.map((tuned, index) => {
    const worst = confusions.find((confusion) => confusion.actual === index);
    return {
      number: index + 1,
      label: tuned.label,
      support: tuned.support,
      base: baseOf.get(tuned.label) ?? none,
      tuned,
      readAs: worst ? { label: columnName(result.labels, worst.predicted), count: worst.count } : null,
    };
  });
}

function Head({ isMany }: { isMany: boolean }) {
  return (
    <thead>
      <tr>
        {isMany && (
          <th scope="col" className="num">
            No.
          </th>
        )}
        <th scope="col">Class</th>
        <th scope="col" className="num">
          Texts
        </th>
        <th scope="col" className="num">
          Precision
        </th>
        <th scope="col" className="num">
          Recall
        </th>
        <th scope="col" className="num nowrap" aria-sort={isMany ? 'ascending' : undefined}>
          F1{isMany && <span aria-hidden="true"> ↑</span>}
        </th>
        <th scope="col" className={styles.barColumn}>
          <span className={styles.barHead}>
            <span>F1 from 0</span>
            <span>to 100</span>
          </span>
        </th>
        {isMany && (
          <th scope="col" className={styles.readAs}>
            Most often read as
          </th>
        )}
      </tr>
    </thead>
  );
}

function ClassRow({ row, isMany }: { row: Row; isMany: boolean }) {
  return (
    <tr>
      {isMany && <td className="rownum">{row.number}</td>}
      <th scope="row" title={row.label} className={styles.className}>
        {row.label}
      </th>
      <td className="num">{formatCount(row.support)}</td>
      <Figures base={row.base} tuned={row.tuned} isMany={isMany} />
      <td className={styles.barColumn}>
        <Dumbbell name={`F1 of ${row.label}`} base={row.base.f1} tuned={row.tuned.f1} />
      </td>
      {isMany && (
        <td className={styles.readAs} title={row.readAs?.label}>
          {row.readAs ? (
            <>
              {row.readAs.label} <span className="quiet">{formatCount(row.readAs.count)}</span>
            </>
          ) : (
            <span className="quiet">no other</span>
          )}
        </td>
      )}
    </tr>
  );
}

function Figures({ base, tuned, isMany }: { base: Averages; tuned: Averages; isMany: boolean }) {
  return (['precision', 'recall', 'f1'] as const).map((name) => (
    <td key={name} className={`num nowrap ${styles.figures}`}>
      {!isMany && <span className="is-base">{formatShare(base[name])}</span>}
      <span className="is-tuned">{formatShare(tuned[name])}</span>
    </td>
  ));
}

function AverageRows({ result, isMany }: { result: JudgedResult; isMany: boolean }) {
  return (['macro', 'weighted'] as const).map((name) => (
    <tr key={name} className={styles.average}>
      {isMany && <td />}
      <th scope="row">{name} average</th>
      <td className="num">{formatCount(result.tuned.count)}</td>
      <Figures base={result.base[name]} tuned={result.tuned[name]} isMany={isMany} />
      <td className={styles.barColumn}>
        <Dumbbell name={`F1, ${name} average`} base={result.base[name].f1} tuned={result.tuned[name].f1} />
      </td>
      {isMany && <td className={styles.readAs} />}
    </tr>
  ));
}

const csvColumns = ['class', 'texts', 'base precision', 'base recall', 'base f1', 'tuned precision', 'tuned recall', 'tuned f1'];

function csvRow(row: Row): (string | number)[] {
  const { base, tuned } = row;
  return [row.label, row.support, base.precision, base.recall, base.f1, tuned.precision, tuned.recall, tuned.f1];
}
