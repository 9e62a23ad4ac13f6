import type { ReactNode } from 'react';
import { Button } from './Button';
import './EmptyPlace.css';

interface EmptyPlaceProps {
  title: string;
  /** What will stand here, in one sentence. */
  children: ReactNode;
  /** The next step, in words. */
  action: string;
  onAction: () => void;
}

/** A place with nothing in it yet, and the way to fill it. */
export function EmptyPlace({ title, children, action, onAction }: EmptyPlaceProps) {
  return (
    <section className="empty-place">
      <h1>{title}</h1>
      <p>{children}</p>
      <Button kind="go" onClick={onAction}>
        {action}
      </Button>
    </section>
  );
}
