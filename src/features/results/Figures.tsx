import type { ReactNode } from 'react';
import { Icon } from '../../ui/Icon';
import styles from './ResultsHead.module.css';

/** Small figures below the large ones. */
export function Figures({ children }: { children: ReactNode }) {
  return <dl className={styles.minis}>{children}</dl>;
}

interface FigureProps {
  name: string;
  base: string;
  tuned: string;
  /** A sentence below. */
  children?: ReactNode;
}

/** One figure, base to tuned. */
export function Figure({ name, base, tuned, children }: FigureProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span className="is-base">{base}</span>
        <Icon name="right" />
        <span className="sr">to</span>
        <span className="is-tuned">{tuned}</span>
      </dd>
      {children !== undefined && <dd className={styles.miniNote}>{children}</dd>}
    </div>
  );
}

interface HeadlineProps {
  /** "Accuracy", for the sentence. */
  name: string;
  base: string;
  tuned: string;
  isPercent: boolean;
  /** What stands under each: "base model, macro-F1". */
  under?: string;
  testId?: string;
}

/** Base to tuned in the largest figures of the page. */
export function Headline({ name, base, tuned, isPercent, under = '', testId }: HeadlineProps) {
  const unit = isPercent ? ' percent' : '';
  const figure = (value: string, role: 'base' | 'tuned') => (
    <span className={`is-${role}`}>
      {value}
      {isPercent && <small>%</small>}
      <span className={styles.who}>
        {role} model{under}
      </span>
    </span>
  );
  return (
    <div
      className={styles.headline}
      role="img"
      aria-label={`${name}: base ${base}${unit}, tuned ${tuned}${unit}`}
      data-testid={testId}
    >
      {figure(base, 'base')}
      <Icon name="right" />
      {figure(tuned, 'tuned')}
    </div>
  );
}
