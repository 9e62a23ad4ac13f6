import { useState, type FormEvent } from 'react';
import { mapFailedDataset } from '../../state/commands';
import type { DatasetFailure } from '../../state/session';
import { Button } from '../../ui/Button';
import { ColumnSelect, noLabels } from './Columns';
import { namedColumns } from './namedColumns';

/** For a file that could be read but whose columns could not be used: the user names them. */
export function ColumnsByHand({ failure }: { failure: DatasetFailure }) {
  const columns = namedColumns(failure.report);
  const [chosen, setChosen] = useState<{ text?: string; label?: string }>({});
  if (!columns) return null;
  const text = chosen.text ?? columns.text;
  const label = chosen.label ?? columns.all.find((column) => column !== text) ?? '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void mapFailedDataset(failure, { text, label });
  };
  return (
    <form className="by-hand" onSubmit={submit}>
      <ColumnSelect
        id="text-column"
        label="Text column"
        columns={columns.all}
        value={text}
        help="What the model reads."
        onChange={(column) => setChosen({ ...chosen, text: column })}
      />
      <ColumnSelect
        id="label-column"
        label="Label column"
        columns={[...columns.all, noLabels]}
        value={label}
        help="What it learns to say. Plain text needs none."
        onChange={(column) => setChosen({ ...chosen, label: column })}
      />
      <Button type="submit" kind="go" data-testid="use-columns">
        Read with these columns
      </Button>
    </form>
  );
}
