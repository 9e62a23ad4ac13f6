import { useEffect, useRef, type ReactNode } from 'react';
import { usePlace } from '../../state/hooks';
import { partReached } from '../../state/place';
import { holdInView } from '../../ui/holdInView';
import styles from './Way.module.css';

interface WayProps {
  /** By which another place of the page leads here. */
  id?: string;
  title: string;
  /** What it gives, in one sentence. */
  words: ReactNode;
  testId?: string;
  onToggle?: (isOpen: boolean) => void;
  children: ReactNode;
}

/** One way to take a result away, folded until it is wanted. */
export function Way({ id, title, words, testId, onToggle, children }: WayProps) {
  const element = useRef<HTMLDetailsElement>(null);
  const { part } = usePlace();
  const isWanted = part !== null && part === id;
  useEffect(() => {
    if (!isWanted || !element.current) return;
    element.current.open = true;
    holdInView(element.current);
    element.current.querySelector('summary')?.focus({ preventScroll: true });
    partReached();
  }, [isWanted]);
  return (
    <details
      ref={element}
      id={id}
      className={styles.way}
      data-testid={testId}
      onToggle={(event) => onToggle?.(event.currentTarget.open)}
    >
      <summary>
        <b>{title}</b>
        <span>{words}</span>
      </summary>
      <div className={styles.body}>{children}</div>
    </details>
  );
}
