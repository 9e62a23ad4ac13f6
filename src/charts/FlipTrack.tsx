import styles from './scales.module.css';

interface FlipTrackProps {
  /** One an evaluation, the base model first. */
  verdicts: readonly { step: number; role: 'base' | 'tuned'; right: boolean }[];
}

const mostSquares = 14;

/** One square an evaluation: hollow is wrong, filled is right; the first is the base model. */
export function FlipTrack({ verdicts }: FlipTrackProps) {
  const shown = verdicts.length > mostSquares ? [...verdicts.slice(0, 1), ...verdicts.slice(1 - mostSquares)] : verdicts;
  const sentence = verdicts.map(
    ({ step, role, right }) => `${role === 'base' ? 'base' : `step ${step}`} ${right ? 'right' : 'wrong'}`,
  );
  return (
    <span className={styles.track} role="img" aria-label={sentence.join(', ')}>
      {shown.map(({ step, role, right }) => (
        <i key={`${role}${step}`} data-role={role} data-right={right} />
      ))}
    </span>
  );
}
