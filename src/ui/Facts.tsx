import type { ReactNode } from 'react';
import './Facts.css';

interface FactProps {
  name: string;
  /** Null where nothing is known yet; then `none` stands there. */
  value: ReactNode | null;
  none?: string;
  note?: ReactNode;
}

/** Names on the left, values on the right, hairlines between. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

export function Fact({ name, value, none = 'Not known yet', note }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={value === null ? 'none' : undefined}>
        {value ?? none}
        {note !== undefined && note !== null && <small>{note}</small>}
      </dd>
    </div>
  );
}
