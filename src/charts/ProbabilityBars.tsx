import { formatPercent } from '../ui/format';
import styles from './scales.module.css';

interface ProbabilityBarsProps {
  role: 'base' | 'tuned';
  /** In the order they shall stand. */
  classes: readonly { label: string; probability: number }[];
}

/** One bar a class; the likeliest is bold. */
export function ProbabilityBars({ role, classes }: ProbabilityBarsProps) {
  const top = Math.max(...classes.map((one) => one.probability));
  return (
    <ul className={styles.probabilities}>
      {classes.map(({ label, probability }) => (
        <li key={label} data-top={probability === top}>
          <span className={styles.clip} title={label}>
            {label}
          </span>
          <span className={styles.bar} aria-hidden="true">
            <i style={{ width: `${probability * 100}%`, background: `var(--${role}-mark)` }} />
          </span>
          <span className={styles.figure}>{formatPercent(probability, 0)}</span>
        </li>
      ))}
    </ul>
  );
}
