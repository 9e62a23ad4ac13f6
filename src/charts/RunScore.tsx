import styles from './runMarks.module.css';

interface RunScoreProps {
  /** What is drawn, with its figures. */
  sentence: string;
  /** Fractions. */
  base: number;
  tuned: number;
  interval: [number, number];
  /** The left end of the scale, which ends at 1. */
  bottom: number;
}

/** The tuned model's share right as a dot with its interval, the base model's as a line across, on one scale. */
export function RunScore({ sentence, base, tuned, interval: [low, high], bottom }: RunScoreProps) {
  const at = (share: number) => `${Math.min(1, Math.max(0, (share - bottom) / (1 - bottom))) * 100}%`;
  return (
    <div className={styles.score} role="img" aria-label={sentence}>
      <span style={{ left: at(low), right: `calc(100% - ${at(high)})` }} />
      <em style={{ left: at(base) }} />
      <u style={{ left: at(tuned) }} />
    </div>
  );
}
