import { Fragment } from 'react';
import { formatCount, formatPercent } from '../ui/format';
import { columnName, type Confusion, type MatrixCell } from './matrix';
import styles from './matrix.module.css';

interface ConfusionListProps {
  labels: readonly string[];
  confusions: readonly Confusion[];
  selected: MatrixCell | null;
  onSelect: (cell: MatrixCell) => void;
}

/** Names such as card_arrival may break after an underscore. */
function Breakable({ name }: { name: string }) {
  return name.split(/(?<=_)/).map((part, index) => (
    <Fragment key={index}>
      {part}
      <wbr />
    </Fragment>
  ));
}

/** Which classes are taken for which, most texts first; each opens its texts. */
export function ConfusionList({ labels, confusions, selected, onSelect }: ConfusionListProps) {
  return (
    <div className={styles.confusions}>
      <p className={styles.confusionHead} aria-hidden="true">
        <span>True, read as</span>
        <span>Texts</span>
        <span>of class</span>
      </p>
      <ul>
        {confusions.map(({ actual, predicted, count, share }) => (
          <li key={`${actual}-${predicted}`}>
            <button
              type="button"
              aria-pressed={selected?.actual === actual && selected.predicted === predicted}
              onClick={() => onSelect({ actual, predicted })}
            >
              <span className={styles.confusionName}>
                <Breakable name={labels[actual] ?? ''} /> → <Breakable name={columnName(labels, predicted)} />
              </span>
              <span>{formatCount(count)}</span>
              <span className={styles.quiet}>{formatPercent(share, 0)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
