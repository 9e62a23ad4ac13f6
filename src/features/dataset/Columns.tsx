import { NativeSelect } from '@mantine/core';
import type { ColumnMapping, DatasetSummary } from '../../../workers/api/dataset';
import { mapColumns } from '../../state/commands';
import { Field, helpId } from '../../ui/Field';
import { Icon } from '../../ui/Icon';
import styles from './dataset.module.css';

/** For plain text. */
export const noLabels = { value: '', label: 'None' };

const mostChips = 12;

/** Which column is the text and which the label, with the reason of the guess; `isOpen`: what the others are for, too. */
export function Columns({ dataset, isOpen = false }: { dataset: DatasetSummary; isOpen?: boolean }) {
  const { columns, mapping, guess } = dataset;
  // A corpus of texts alone has nothing to choose a label from.
  const hasChoice = mapping.label !== '' || columns.length > 1;
  const choose = (change: Partial<ColumnMapping>) => void mapColumns(withColumns(mapping, change));
  return (
    <div className={isOpen ? styles.columns : 'map'}>
      <ColumnSelect
        id="text-column"
        label="Text column"
        columns={columns}
        value={mapping.text}
        help={reasonFor(mapping.text, guess.text)}
        onChange={(text) => choose({ text })}
      />
      {hasChoice && (
        <ColumnSelect
          id="label-column"
          label="Label column"
          columns={[...columns, noLabels]}
          value={mapping.label}
          help={[reasonFor(mapping.label, guess.label), joinedWords(dataset)].filter(Boolean).join(' ')}
          onChange={(label) => choose({ label })}
        />
      )}
      {isOpen && <OtherColumns dataset={dataset} />}
    </div>
  );
}

/** Another label column has other names; a pair needs two columns. */
function withColumns({ labelOptions, textPair, ...mapping }: ColumnMapping, change: Partial<ColumnMapping>): ColumnMapping {
  const chosen = { ...mapping, ...change };
  const isSameLabel = chosen.label === mapping.label;
  return {
    ...chosen,
    ...(textPair && textPair.column !== chosen.text && { textPair }),
    ...(labelOptions && { labelOptions: isSameLabel ? labelOptions : { ...labelOptions, names: [] } }),
  };
}

function OtherColumns({ dataset: { columns, mapping } }: { dataset: DatasetSummary }) {
  const others = columns.filter((column) => ![mapping.text, mapping.label, mapping.textPair?.column].includes(column));
  if (others.length === 0) return null;
  return (
    <div className="field">
      <span className={styles.label}>Other columns</span>
      <p className={styles.chips}>
        {others.slice(0, mostChips).map((column) => (
          <span className="chip" key={column} title={column}>
            {column}
          </span>
        ))}
        {others.length > mostChips && <span className="quiet">and {others.length - mostChips} more</span>}
      </p>
      <p className="help">For grouping the split and slicing the result.</p>
    </div>
  );
}

function joinedWords({ joinedLabels }: DatasetSummary): string {
  const [first] = joinedLabels;
  if (!first) return '';
  const others = first.written.filter((written) => written !== first.name).map((written) => `“${written}”`);
  const more = joinedLabels.length > 1 ? `, and ${joinedLabels.length - 1} more` : '';
  return `${others.slice(0, 3).join(', ')} joined to ${first.name}${more}.`;
}

function reasonFor(chosen: string, guess: DatasetSummary['guess']['text']): string {
  return chosen === guess.column ? guess.reason : `Chosen by you; the guess was ${guess.column || 'none'}.`;
}

interface ColumnSelectProps {
  id: string;
  label: string;
  columns: (string | { value: string; label: string })[];
  value: string;
  help: string;
  onChange: (column: string) => void;
}

/** One choice among the columns of a file. */
export function ColumnSelect({ id, label, columns, value, help, onChange }: ColumnSelectProps) {
  return (
    <Field htmlFor={id} label={label} help={help}>
      <NativeSelect
        id={id}
        data-testid={id}
        data={columns}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        aria-describedby={helpId(id)}
        classNames={{ input: 'input' }}
        rightSection={<Icon name="down" />}
        rightSectionPointerEvents="none"
      />
    </Field>
  );
}
