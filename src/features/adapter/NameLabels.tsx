import { useId, useState } from 'react';
import { Button } from '../../ui/Button';
import { plural } from '../../ui/format';
import { nameLabels } from '../../state/commands';
import { useSession } from '../../state/hooks';
import { readNames } from './readNames';
import styles from './adapter.module.css';

/** Asks for the names that an adapter came without. */
export function NameLabels({ labels }: { labels: readonly string[] }) {
  const id = useId();
  const dataset = useSession((state) => state.dataset);
  const [text, setText] = useState(labels.join('\n'));
  const { names, problem } = readNames(text, labels.length);
  const offered = dataset?.labels.length === labels.length ? dataset.labels.map((label) => label.name) : null;
  return (
    <form
      className={styles.naming}
      onSubmit={(event) => {
        event.preventDefault();
        if (problem === null) void nameLabels(names);
      }}
    >
      <label htmlFor={id}>Names of its {plural(labels.length, 'class', 'classes')}, one a line</label>
      <textarea
        id={id}
        data-testid="adapter-labels"
        rows={Math.min(12, labels.length + 1)}
        value={text}
        aria-describedby={`${id}-help`}
        aria-invalid={problem !== null}
        onChange={(event) => setText(event.target.value)}
      />
      <p className="help" id={`${id}-help`}>
        {problem ??
          'This adapter carries no names. Write them in the order in which it was trained, so that its answers mean what they say.'}
      </p>
      <div className={styles.actions}>
        <Button type="submit" size="sm" disabled={problem !== null} data-testid="name-labels">
          Use these names
        </Button>
        {offered && (
          <Button size="sm" kind="text" onClick={() => setText(offered.join('\n'))}>
            Take the dataset’s names
          </Button>
        )}
      </div>
    </form>
  );
}
