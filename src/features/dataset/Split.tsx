import { TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { DatasetSummary } from '../../../workers/api/dataset';
import { splitDataset } from '../../state/commands';
import { useSession } from '../../state/hooks';
import { Button, LinkButton } from '../../ui/Button';
import { Field, helpId } from '../../ui/Field';
import { formatCount } from '../../ui/format';
import { draftOf, readDraft, type SplitDraft, type SplitField } from './splitDraft';

const parts = [
  { name: 'train', label: 'Train', mark: 'tr' },
  { name: 'validation', label: 'Validation', mark: 'va' },
  { name: 'test', label: 'Test', mark: 'te' },
] as const;

/** How many rows go where, and a form to change it. */
export function Split({ dataset }: { dataset: DatasetSummary }) {
  const [isOpen, setIsOpen] = useState(false);
  const { split } = dataset;
  return (
    <>
      <div className="split" data-testid="split">
        <b>Split</b>
        {parts.map(({ name, label, mark }) => (
          <span className="key" key={name}>
            <i className={mark} />
            {label} {formatCount(split[name])}
          </span>
        ))}
        <div className="split-bar" aria-hidden="true">
          {parts.map(({ name, mark }) => split[name] > 0 && <i key={name} className={mark} style={{ flex: split[name] }} />)}
        </div>
        <span className="quiet">{dataset.splitMethod}</span>
        <LinkButton aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? 'Close' : 'Change'}
        </LinkButton>
      </div>
      {isOpen && <SplitForm dataset={dataset} onDone={() => setIsOpen(false)} />}
    </>
  );
}

const fields: Record<SplitField, { label: string; help: string; given: string }> = {
  validation: { label: 'Validation, %', help: 'Watched during the run.', given: 'Has a file of its own.' },
  test: { label: 'Test, %', help: 'Kept for the final figures.', given: 'Has a file of its own.' },
  seed: { label: 'Seed', help: 'The same seed, the same split.', given: '' },
};

const fieldNames: readonly SplitField[] = ['validation', 'test', 'seed'];

function SplitForm({ dataset, onDone }: { dataset: DatasetSummary; onDone: () => void }) {
  const files = useSession((state) => state.datasetFiles);
  const [draft, setDraft] = useState<SplitDraft>(() => draftOf(dataset.splitOptions));
  const reading = readDraft(draft);
  const problems = 'problems' in reading ? reading.problems : {};
  const isGiven = (name: SplitField) => name !== 'seed' && (files ? files[name] !== undefined : name === 'test');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!('options' in reading)) return;
    void splitDataset(reading.options).then(onDone);
  };
  return (
    <form className="split-form" onSubmit={submit}>
      {fieldNames.map((name) => (
        <Field
          key={name}
          htmlFor={`split-${name}`}
          label={fields[name].label}
          help={isGiven(name) ? fields[name].given : fields[name].help}
          problem={isGiven(name) ? null : (problems[name] ?? null)}
        >
          <TextInput
            id={`split-${name}`}
            data-testid={`split-${name}`}
            inputMode="decimal"
            disabled={isGiven(name)}
            value={isGiven(name) ? '' : draft[name]}
            onChange={(event) => setDraft({ ...draft, [name]: event.currentTarget.value })}
            aria-describedby={helpId(`split-${name}`)}
            aria-invalid={problems[name] !== undefined}
            classNames={{ input: 'input' }}
          />
        </Field>
      ))}
      <div className="acts">
        <Button type="submit" data-testid="split-apply">
          Split again
        </Button>
      </div>
    </form>
  );
}
