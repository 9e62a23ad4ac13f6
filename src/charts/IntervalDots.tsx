import styles from './intervalDots.module.css';

interface Dot {
  value: number;
  /** Null where none is known. */
  interval: [number, number] | null;
}

interface IntervalDotsProps {
  /** What is drawn, with its figures. */
  sentence: string;
  base: Dot;
  tuned: Dot;
  /** The tuned model on everything: a dashed line. */
  reference: number;
  /** The right end of the scale, which begins at 0. */
  top: number;
  /** Hollow dots: too few texts to say anything. */
  hollow?: boolean;
}

/** Base and tuned as dots with interval bars on one scale from 0. */
export function IntervalDots({ sentence, base, tuned, reference, top, hollow = false }: IntervalDotsProps) {
  const at = (value: number) => `${Math.min(1, Math.max(0, top > 0 ? value / top : 0)) * 100}%`;
  return (
    <div className={styles.dots} role="img" aria-label={sentence} data-hollow={hollow}>
      <span className={styles.reference} style={{ left: at(reference) }} />
      {[['base', base] as const, ['tuned', tuned] as const].map(
        ([role, { interval }]) =>
          interval && (
            <span
              key={role}
              className={styles.interval}
              data-role={role}
              style={{ left: at(interval[0]), right: `calc(100% - ${at(interval[1])})` }}
            />
          ),
      )}
      <u data-role="base" style={{ left: at(base.value) }} />
      <u data-role="tuned" style={{ left: at(tuned.value) }} />
    </div>
  );
}
