import { NativeSelect } from '@mantine/core';
import type { DatasetSummary } from '../../../workers/api/dataset';
import { mapColumns } from '../../state/commands';
import { Field, helpId } from '../../ui/Field';
import { Icon } from '../../ui/Icon';

/** For plain text. */
export const noLabels = { value: '', label: 'None' };

/** Which column is the text and which the label, with the reason of the guess. */
export function Columns({ dataset }: { dataset: DatasetSummary }) {
  const { columns, mapping, guess } = dataset;
  // A corpus of texts alone has nothing to choose a label from.
  const hasChoice = mapping.label !== '' || columns.length > 1;
  const choose = (change: Partial<typeof mapping>) => void mapColumns({ ...mapping, ...change });
  return (
    <div className="map">
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
          help={reasonFor(mapping.label, guess.label)}
          onChange={(label) => choose({ label })}
        />
      )}
    </div>
  );
}

function reasonFor(chosen: string, guess: DatasetSummary['guess']['text']): string {
  return chosen === guess.column ? guess.reason : `Chosen by you; the guess was ${guess.column}.`;
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
