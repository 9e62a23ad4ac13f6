import { useId, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { formatCount, formatPercent } from '../ui/format';
import {
  cellColours,
  cellSentence,
  columnCount,
  countAt,
  movedCell,
  noLabel,
  rowTotal,
  type MatrixCell,
  type MatrixRole,
} from './matrix';
import styles from './matrix.module.css';

interface ConfusionMatrixProps {
  labels: readonly string[];
  /** Rows true, columns predicted. */
  counts: readonly (readonly number[])[];
  role: MatrixRole;
  caption: ReactNode;
  selected?: MatrixCell | null;
  /** Without it the cells are figures, not buttons. */
  onSelect?: (cell: MatrixCell) => void;
  /** Without row names: it stands beside one that has them. */
  bare?: boolean;
}

/** Up to this many classes the columns carry names, above it numbers that the rows explain. */
const mostColumnNames = 4;

/** Shade is the share of the row in ten steps, number the count, share below; the diagonal is bold. Arrows move. */
export function ConfusionMatrix(props: ConfusionMatrixProps) {
  const { labels, counts, role, caption, bare = false } = props;
  const numbered = labels.length > mostColumnNames;
  return (
    <table className={styles.matrix} data-bare={bare} data-numbered={numbered}>
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col" className={styles.rowHead}>
            true
          </th>
          {labels.map((label, index) => (
            <th key={label} scope="col" title={label} aria-label={label}>
              <span className={styles.clip}>{numbered ? index + 1 : label}</span>
            </th>
          ))}
          {columnCount(counts) > labels.length && (
            <th scope="col" title="Answers that name no label" aria-label={noLabel} className={styles.noLabel}>
              {numbered ? '–' : noLabel}
            </th>
          )}
        </tr>
      </thead>
      <Cells {...props} counts={counts} role={role} numbered={numbered} />
    </table>
  );
}

function Cells({ labels, counts, role, selected = null, onSelect, numbered }: ConfusionMatrixProps & { numbered: boolean }) {
  const bodyId = useId();
  const body = useRef<HTMLTableSectionElement>(null);
  const [at, setAt] = useState<MatrixCell>({ actual: 0, predicted: 0 });
  const tabStop = selected ?? at;
  const move = (event: KeyboardEvent, cell: MatrixCell) => {
    const next = movedCell(cell, event.key, labels.length, columnCount(counts));
    if (next === null) return;
    event.preventDefault();
    setAt(next);
    body.current?.querySelector<HTMLElement>(`[data-cell="${next.actual}-${next.predicted}"]`)?.focus();
  };
  return (
    <tbody ref={body} id={bodyId}>
      {labels.map((label, actual) => (
        <tr key={label}>
          <RowHead label={label} {...(numbered ? { number: actual + 1 } : {})} />
          {Array.from({ length: columnCount(counts) }, (_, predicted) => {
            const cell = { actual, predicted };
            const choice = onSelect && {
              isSelected: isSame(selected, cell),
              isTabStop: isSame(tabStop, cell),
              onMove: (event: KeyboardEvent) => move(event, cell),
              onReach: () => setAt(cell),
              onSelect: () => onSelect(cell),
            };
            return (
              <td key={predicted}>
                <Cell labels={labels} counts={counts} role={role} cell={cell} choice={choice} />
              </td>
            );
          })}
        </tr>
      ))}
    </tbody>
  );
}

function isSame(one: MatrixCell | null, other: MatrixCell): boolean {
  return one?.actual === other.actual && one.predicted === other.predicted;
}

function RowHead({ label, number }: { label: string; number?: number }) {
  return (
    <th scope="row" className={styles.rowHead} title={label}>
      <span className={styles.rowName}>
        <span className={styles.clip}>{label}</span>
        {number !== undefined && <i className={styles.number}>{number}</i>}
      </span>
    </th>
  );
}

interface CellChoice {
  isSelected: boolean;
  isTabStop: boolean;
  onMove: (event: KeyboardEvent) => void;
  onReach: () => void;
  onSelect: () => void;
}

interface CellProps extends Pick<ConfusionMatrixProps, 'labels' | 'counts' | 'role'> {
  cell: MatrixCell;
  /** Without it the cell is a figure, not a button. */
  choice: CellChoice | undefined;
}

function Cell({ labels, counts, role, cell, choice }: CellProps) {
  const total = rowTotal(counts, cell.actual);
  const count = countAt(counts, cell);
  const sentence = cellSentence(labels, counts, cell);
  const shared = {
    className: styles.cell,
    'data-hit': cell.actual === cell.predicted,
    style: cellColours(role, total === 0 ? 0 : count / total),
    'aria-label': sentence,
    children: (
      <>
        <b>{formatCount(count)}</b>
        <small>{total === 0 ? '' : formatPercent(count / total, 0)}</small>
      </>
    ),
  };
  if (!choice) return <div role="img" title={sentence} {...shared} />;
  return (
    <button
      type="button"
      {...shared}
      data-cell={`${cell.actual}-${cell.predicted}`}
      aria-pressed={choice.isSelected}
      tabIndex={choice.isTabStop ? 0 : -1}
      onKeyDown={choice.onMove}
      onFocus={choice.onReach}
      onClick={choice.onSelect}
    />
  );
}

/** The ten shades of a ramp with what they mean. */
export function ShadeRamp({ role, low = '0 %', high = '100 % of the row' }: { role: MatrixRole; low?: string; high?: string }) {
  return (
    <span className={styles.ramp}>
      {low}
      <span>
        {Array.from({ length: 10 }, (_, shade) => (
          <i key={shade} style={{ background: `var(--${role}-${shade})` }} />
        ))}
      </span>
      {high}
    </span>
  );
}
