import type { ReactNode } from 'react';
import styles from './Way.module.css';

interface WayProps {
  title: string;
  /** What it gives, in one sentence. */
  words: ReactNode;
  testId?: string;
  onToggle?: (isOpen: boolean) => void;
  children: ReactNode;
}

/** One way to take a result away, folded until it is wanted. */
export function Way({ title, words, testId, onToggle, children }: WayProps) {
  return (
    <details className={styles.way} data-testid={testId} onToggle={(event) => onToggle?.(event.currentTarget.open)}>
      <summary>
        <b>{title}</b>
        <span>{words}</span>
      </summary>
      <div className={styles.body}>{children}</div>
    </details>
  );
}
