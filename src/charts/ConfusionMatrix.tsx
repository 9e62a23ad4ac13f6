import { useId, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { formatCount, formatPercent } from '../ui/format';
import { cellColours, cellSentence, countAt, movedCell, rowTotal } from './matrix';
import type { MatrixCell, MatrixRole } from './matrix';
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
    const next = movedCell(cell, event.key, labels.length);
    if (next === null) return;
    event.preventDefault();
    setAt(next);
    body.current?.querySelector<HTMLElement>(`[data-cell="${next.actual}-${next.predicted}"]`)?.focus();
  };
  return (
    <tbody ref={body} id={bodyId}>
      {labels.map((label, actual) => (
        <tr key={label}>
          <th scope="row" className={styles.rowHead} title={label}>
            <span className={styles.rowName}>
              <span className={styles.clip}>{label}</span>
              {numbered && <i className={styles.number}>{actual + 1}</i>}
            </span>
          </th>
          {labels.map((predictedLabel, predicted) => {
            const cell = { actual, predicted };
            const isSelected = selected?.actual === actual && selected.predicted === predicted;
            const isTabStop = tabStop.actual === actual && tabStop.predicted === predicted;
            const total = rowTotal(counts, actual);
            const count = countAt(counts, cell);
            const shared = {
              className: styles.cell,
              'data-hit': actual === predicted,
              style: cellColours(role, total === 0 ? 0 : count / total),
              'aria-label': cellSentence(labels, counts, cell),
            };
            const content = (
              <>
                <b>{formatCount(count)}</b>
                <small>{total === 0 ? '' : formatPercent(count / total, 0)}</small>
              </>
            );
            return (
              <td key={predictedLabel}>
                {onSelect ? (
                  <button
                    type="button"
                    {...shared}
                    data-cell={`${actual}-${predicted}`}
                    aria-pressed={isSelected}
                    tabIndex={isTabStop ? 0 : -1}
                    onKeyDown={(event) => move(event, cell)}
                    onFocus={() => setAt(cell)}
                    onClick={() => onSelect(cell)}
                  >
                    {content}
                  </button>
                ) : (
                  <div role="img" title={shared['aria-label']} {...shared}>
                    {content}
                  </div>
                )}
              </td>
            );
          })}
        </tr>
      ))}
    </tbody>
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
