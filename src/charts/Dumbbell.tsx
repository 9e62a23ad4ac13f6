import { formatShare } from './format';
import styles from './scales.module.css';

interface DumbbellProps {
  /** "F1 of praise". */
  name: string;
  /** Fractions. */
  base: number;
  tuned: number;
}

const at = (fraction: number) => `${Math.min(1, Math.max(0, fraction)) * 100}%`;

/** Base and tuned as two dots on one line from 0 to 100. */
export function Dumbbell({ name, base, tuned }: DumbbellProps) {
  const low = Math.min(base, tuned);
  return (
    <div className={styles.dumbbell} role="img" aria-label={`${name}: base ${formatShare(base)}, tuned ${formatShare(tuned)}`}>
      <i style={{ left: at(low), width: at(Math.abs(tuned - base)) }} />
      <u style={{ left: at(base), background: 'var(--base-mark)' }} />
      <u style={{ left: at(tuned), background: 'var(--tuned-mark)' }} />
    </div>
  );
}
