import type { ReactNode } from 'react';
import './Choice.css';

interface ChoiceProps {
  /** Of the group. */
  name: string;
  value: string;
  title: ReactNode;
  checked: boolean;
  /** It cannot be chosen; the sentence says why. */
  disabled?: boolean;
  onChoose: () => void;
  testId?: string;
  /** One sentence. */
  children: ReactNode;
}

/** One of a few ways, each a card with a sentence; stands in a `<div className="choices" role="radiogroup">`. */
export function Choice({ name, value, title, checked, disabled = false, onChoose, testId, children }: ChoiceProps) {
  return (
    <label className="choice">
      <input
        type="radio"
        name={name}
        value={value}
        checked={checked}
        disabled={disabled}
        onChange={onChoose}
        data-testid={testId}
      />
      <b>{title}</b>
      <span className="help">{children}</span>
    </label>
  );
}
