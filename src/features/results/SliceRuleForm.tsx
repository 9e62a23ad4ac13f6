import { useState, type FormEvent } from 'react';
import { trainer } from '../../client/trainerClient';
import { addRule } from '../../state/slices';
import { Button } from '../../ui/Button';
import { Segments } from '../../ui/Segments';
import { errorFromReport, reportOf } from '../../../workers/api/errors';
import { mostRuleCharacters, mostRules, type SliceRule } from '../../../workers/api/slices';
import type { SlicesView } from './useSlices';
import shared from './shared.module.css';
import styles from './slices.module.css';

const kinds = [
  { value: 'contains', label: 'Contains' },
  { value: 'matches', label: 'Matches' },
] as const;

const helps: Record<SliceRule['kind'], string> = {
  contains: 'A word, or several in a row, as whole words; capitals count as small letters.',
  matches: 'A regular expression, such as refund|money back; capitals count as small letters.',
};

/** Adds a rule once the worker has found that it can be followed. */
export function SliceRuleForm({ view: { query } }: { view: SlicesView }) {
  const [kind, setKind] = useState<SliceRule['kind']>('contains');
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const isFull = query.rules.length >= mostRules;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const rule: SliceRule = kind === 'contains' ? { kind, words: text.trim() } : { kind, pattern: text };
    setBusy(true);
    Promise.resolve()
      .then(() => trainer().slices({ ...query, rules: [rule] }))
      .then(
        () => {
          addRule(rule);
          setText('');
          setProblem(null);
        },
        (thrown: unknown) => {
          const { message, remedy } = errorFromReport(reportOf(thrown));
          setProblem(`${message} ${remedy}`);
        },
      )
      .finally(() => setBusy(false));
  };
  return (
    <form className={styles.ruleForm} onSubmit={submit}>
      <Segments label="Texts that" value={kind} options={kinds} onChange={setKind} />
      <input
        className={`${shared.control} ${kind === 'matches' ? 'mono' : ''}`}
        data-testid="rule-text"
        aria-label={kind === 'contains' ? 'Words that the texts contain' : 'Pattern that the texts match'}
        aria-describedby="rule-help"
        aria-invalid={problem !== null}
        placeholder={kind === 'contains' ? 'refund' : 'refund|money back'}
        maxLength={mostRuleCharacters}
        spellCheck={false}
        autoCapitalize="off"
        value={text}
        disabled={isFull}
        onChange={(event) => {
          setText(event.target.value);
          setProblem(null);
        }}
      />
      <Button type="submit" size="sm" data-testid="add-rule" disabled={isFull || busy || text.trim() === ''}>
        Add the rule
      </Button>
      <p id="rule-help" className={problem === null ? 'help' : styles.problem} data-testid="rule-help">
        {problem ?? (isFull ? `${mostRules} rules are the most. Remove one to add another.` : helps[kind])}
      </p>
    </form>
  );
}
