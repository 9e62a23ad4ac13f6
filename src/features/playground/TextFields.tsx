import { useId, type KeyboardEvent } from 'react';
import type { PairNames, TextDraft } from './typedText';
import styles from './playground.module.css';

/** Characters sent at most; far more than any model here reads. */
const longestText = 20_000;

interface TextFieldsProps {
  /** Said by screen readers of the one field; a pair has the names of its columns. */
  label: string;
  placeholder: string;
  pair: PairNames | null;
  draft: TextDraft;
  onChange: (draft: TextDraft) => void;
  onKeyDown?: (event: KeyboardEvent) => void;
}

/** Where a text for the models is typed; two fields where a run learned from pairs. */
export function TextFields({ label, placeholder, pair, draft: [first, second], onChange, onKeyDown }: TextFieldsProps) {
  const id = useId();
  const shared = { maxLength: longestText, onKeyDown };
  const firstField = { ...shared, 'data-testid': 'playground-text', value: first };
  if (!pair) {
    return (
      <textarea
        {...firstField}
        aria-label={label}
        placeholder={placeholder}
        onChange={({ target }) => onChange([target.value, second])}
      />
    );
  }
  return (
    <div className={styles.pair}>
      <label htmlFor={`${id} first`}>{pair.first}</label>
      <textarea
        {...firstField}
        id={`${id} first`}
        placeholder="Both texts are needed, as in training."
        onChange={({ target }) => onChange([target.value, second])}
      />
      <label htmlFor={`${id} second`}>{pair.second}</label>
      <textarea
        {...shared}
        id={`${id} second`}
        data-testid="playground-second"
        value={second}
        onChange={({ target }) => onChange([first, target.value])}
      />
    </div>
  );
}
