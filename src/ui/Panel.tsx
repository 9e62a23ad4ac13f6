import { useId, type ReactNode } from 'react';
import './Panel.css';

interface PanelProps {
  title: ReactNode;
  /** The current figure, at the right of the title: `<><b>6,412</b> rows</>`. */
  reading?: ReactNode;
  /** 2 for a step of Prepare, 3 for a panel of Run and Results. */
  level?: 2 | 3;
  /** Target for `goToPart`. */
  id?: string;
  className?: string | undefined;
  children: ReactNode;
}

/** An ink rule, a title on the left, its reading on the right, content. No box. */
export function Panel({ title, reading, level = 2, id, className, children }: PanelProps) {
  const titleId = useId();
  const Title = level === 2 ? 'h2' : 'h3';
  return (
    <section
      className={['panel', className ?? ''].filter(Boolean).join(' ')}
      id={id}
      aria-labelledby={titleId}
      tabIndex={id ? -1 : undefined}
    >
      <header>
        <Title id={titleId}>{title}</Title>
        {reading !== undefined && <p className="reading">{reading}</p>}
      </header>
      {children}
    </section>
  );
}

/** One of the few surfaces: the summary, the adapter. */
export function Card({ title, reading, children, className }: Omit<PanelProps, 'id' | 'level'>) {
  return (
    <section className={['card', className ?? ''].filter(Boolean).join(' ')}>
      <header className="card-head">
        <h2>{title}</h2>
        {reading !== undefined && <p className="reading">{reading}</p>}
      </header>
      {children}
    </section>
  );
}
