import { formatCount, formatPercent } from '../ui/format';
import styles from './scales.module.css';

interface CountBarsProps {
  counts: readonly { label: string; count: number }[];
}

const mostShown = 12;

/** One bar a class, the most frequent first. Grey: counts belong to neither model. */
export function CountBars({ counts }: CountBarsProps) {
  const sorted = counts.toSorted((first, second) => second.count - first.count);
  const all = Math.max(
    1,
    counts.reduce((sum, { count }) => sum + count, 0),
  );
  const most = Math.max(1, sorted[0]?.count ?? 0);
  const rest = sorted.slice(mostShown);
  const restCount = rest.reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <ul className={styles.counts}>
        {sorted.slice(0, mostShown).map(({ label, count }) => (
          <li key={label}>
            <span className={styles.clip} title={label}>
              {label}
            </span>
            <span className={styles.bar} aria-hidden="true">
              <i style={{ width: `${(100 * count) / most}%` }} />
            </span>
            <span className={styles.figure}>
              {formatCount(count)}, {formatPercent(count / all, 0)}
            </span>
          </li>
        ))}
      </ul>
      {rest.length > 0 && (
        <p className="label">
          {formatCount(restCount)} in {formatCount(rest.length)} further classes
        </p>
      )}
    </>
  );
}
