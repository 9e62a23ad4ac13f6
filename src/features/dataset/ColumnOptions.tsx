import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { plainLabels, type ColumnMapping, type DatasetSummary, type LabelOptions } from '../../../workers/api/dataset';
import { mapColumns } from '../../state/commands';
import { LinkButton } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import { Switch } from '../../ui/Switch';
import styles from './dataset.module.css';

const mostNames = 200;
/** Between the texts of a pair, as a person would type it. */
const usualJoiner = '\\n';

/** Sentence pairs, joined labels, rows without one, and names of the user's own. */
export function ColumnOptions({ dataset }: { dataset: DatasetSummary }) {
  const { mapping, labelVariants, skipped, columns } = dataset;
  const options = mapping.labelOptions ?? plainLabels;
  const setOptions = (change: Partial<LabelOptions>) => void mapColumns({ ...mapping, labelOptions: { ...options, ...change } });
  const lacking = skipped.find(({ code }) => code === 'no-label');
  const others = columns.filter((column) => column !== mapping.text && column !== mapping.label);
  const hasLabels = dataset.labels.length > 0;
  return (
    <div className={styles.options}>
      <ul className={styles.switches}>
        {others.length > 0 && <PairRow mapping={mapping} others={others} />}
        {hasLabels && (labelVariants.length > 0 || options.mergeVariants) && (
          <li>
            <Switch
              checked={options.mergeVariants}
              onChange={(event) => setOptions({ mergeVariants: event.currentTarget.checked })}
              aria-label="Join labels that differ in case or white space"
              data-testid="merge-variants"
            />
            <div>
              <b>Join labels that differ in case or white space</b>
              <p className="help">
                {labelVariants[0]
                  ? `Such as ${labelVariants[0].map((name) => `“${name}”`).join(' and ')}.`
                  : 'As most rows write them.'}
              </p>
            </div>
          </li>
        )}
        {hasLabels && (lacking || options.unlabelled === 'class') && (
          <li>
            <Switch
              checked={options.unlabelled === 'leave-out'}
              onChange={(event) => setOptions({ unlabelled: event.currentTarget.checked ? 'leave-out' : 'class' })}
              aria-label="Leave out rows without a label"
              data-testid="leave-out-unlabelled"
            />
            <div>
              <b>Leave out rows without a label</b>
              <p className="help">
                {lacking ? `${lacking.count.toLocaleString('en')} of them.` : 'They are a class of their own now, “no label”.'}
              </p>
            </div>
          </li>
        )}
      </ul>
      {hasLabels && <LabelNames dataset={dataset} onNames={(names) => setOptions({ names })} />}
    </div>
  );
}

function PairRow({ mapping, others }: { mapping: ColumnMapping; others: string[] }) {
  const { textPair } = mapping;
  const [joiner, setJoiner] = useState<string | null>(null);
  const set = (pair: ColumnMapping['textPair']) => {
    const { textPair: _, ...alone } = mapping;
    void mapColumns(pair ? { ...alone, textPair: pair } : alone);
  };
  const commit = () => {
    if (textPair && joiner !== null && readJoiner(joiner) !== textPair.joiner) set({ ...textPair, joiner: readJoiner(joiner) });
    setJoiner(null);
  };
  return (
    <li>
      <Switch
        checked={textPair !== undefined}
        onChange={(event) =>
          set(event.currentTarget.checked ? { column: others[0] ?? '', joiner: readJoiner(usualJoiner) } : undefined)
        }
        aria-label="Add a second text column"
        data-testid="text-pair"
      />
      <div>
        <b className={styles.words}>
          Add a second text column
          {textPair && (
            <>
              <NativeSelect
                aria-label="Second text column"
                data-testid="text-pair-column"
                data={others}
                value={textPair.column}
                onChange={(event) => set({ ...textPair, column: event.currentTarget.value })}
                classNames={{ root: styles.pick ?? '', input: 'input' }}
                rightSection={<Icon name="down" />}
                rightSectionPointerEvents="none"
              />
              joined by
              <TextInput
                aria-label="Between the two texts"
                data-testid="text-pair-joiner"
                value={joiner ?? writeJoiner(textPair.joiner)}
                onChange={(event) => setJoiner(event.currentTarget.value)}
                onBlur={commit}
                onKeyDown={(event) => event.key === 'Enter' && commit()}
                classNames={{ input: `input ${styles.wordsInput}` }}
              />
            </>
          )}
        </b>
        <p className="help">
          {textPair
            ? 'The model reads both as one text; \\n is a line break. Type the playground’s texts in the same way.'
            : 'For sentence pairs: premise and hypothesis, question and passage.'}
        </p>
      </div>
    </li>
  );
}

function readJoiner(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\\t', '\t');
}

function writeJoiner(joiner: string): string {
  return joiner.replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

function LabelNames({ dataset, onNames }: { dataset: DatasetSummary; onNames: (names: LabelOptions['names']) => void }) {
  const [isOpen, setIsOpen] = useState(false);
  const names = dataset.mapping.labelOptions?.names ?? [];
  const renamed = new Map(names.map(({ from, to }) => [to, from]));
  const rename = (label: string, to: string) => {
    const from = renamed.get(label) ?? label;
    const others = names.filter((entry) => entry.from !== from);
    onNames(to === from || to.trim() === '' ? others : [...others, { from, to: to.trim() }]);
  };
  return (
    <div>
      <LinkButton aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)} data-testid="edit-labels">
        {isOpen ? 'Close the label names' : names.length > 0 ? `Edit label names (${names.length} changed)` : 'Edit label names'}
      </LinkButton>
      {isOpen && (
        <>
          <p className={`help ${styles.under}`}>
            The model and its files use these names. Two labels of one name become one class.
          </p>
          <div className={styles.names}>
            {dataset.labels.slice(0, mostNames).map(({ name }) => (
              <LabelName key={name} name={name} written={renamed.get(name) ?? name} onRename={(to) => rename(name, to)} />
            ))}
          </div>
        </>
      )}
    </div>
  );
}

function LabelName({ name, written, onRename }: { name: string; written: string; onRename: (to: string) => void }) {
  const [text, setText] = useState<string | null>(null);
  const commit = () => {
    if (text !== null && text.trim() !== name) onRename(text);
    setText(null);
  };
  return (
    <label>
      <span title={written}>{written}</span>
      <TextInput
        aria-label={`Name of ${written}`}
        value={text ?? name}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
        classNames={{ input: 'input' }}
      />
    </label>
  );
}
