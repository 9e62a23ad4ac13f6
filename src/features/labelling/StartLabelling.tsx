import { NativeSelect } from '@mantine/core';
import { useId, useState } from 'react';
import type { TextPair } from '../../../workers/api/dataset';
import type { LabellingSource, UnlabelledTable } from '../../../workers/api/labelling';
import type { ModelRole } from '../../../workers/api/results';
import { useRun, useSession } from '../../state/hooks';
import { startLabelling } from '../../state/labelling';
import { isRunning } from '../../state/run';
import { Button, LinkButton } from '../../ui/Button';
import { Field, helpId } from '../../ui/Field';
import { formatCount, plural } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { Segments } from '../../ui/Segments';
import '../../ui/Table.css';
import styles from './labelling.module.css';

interface StartLabellingProps {
  table: UnlabelledTable;
  source: LabellingSource | null;
  pair: TextPair | null;
  onChoose: () => void;
  onStart: () => void;
  /** To the labels that are there; null where none are. */
  onBack: (() => void) | null;
}

/** Which column holds the texts, which model labels them, and the first rows to see it by. */
export function StartLabelling({ table, source, pair, onChoose, onStart, onBack }: StartLabellingProps) {
  const [column, setColumn] = useState(table.guess.column);
  const [second, setSecond] = useState(() => secondOf(table, pair));
  const [model, setModel] = useState<ModelRole>('tuned');
  const running = useRun(isRunning);
  const hasModel = useSession((state) => state.model !== null);
  const columns = second === null ? [column] : [column, second];
  const start = () => {
    if (source === null) return;
    onStart();
    void startLabelling({ source, model, columns });
  };
  return (
    <>
      <div className={styles.choices}>
        <ColumnChoice
          label={second === null ? 'Text column' : 'First text column'}
          table={table}
          column={column}
          testId="label-text-column"
          help={column === table.guess.column ? table.guess.reason : 'Chosen by you.'}
          onChange={setColumn}
        />
        {second !== null && (
          <ColumnChoice
            label="Second text column"
            table={table}
            column={second}
            testId="label-text-column-2"
            help="The model learned from pairs."
            onChange={setSecond}
          />
        )}
        <div className={styles.model}>
          <span>Model</span>
          <Segments
            label="Model that labels"
            value={model}
            options={[
              { value: 'tuned', label: 'Tuned' },
              { value: 'base', label: 'Base' },
            ]}
            onChange={setModel}
          />
        </div>
      </div>
      <FirstRows table={table} columns={columns} />
      <LeftOut table={table} />
      <div className={styles.actions}>
        <Button icon="play" onClick={start} disabled={source === null || running || !hasModel} data-testid="label-start">
          Label {plural(table.rowCount, 'row')}
        </Button>
        {onBack && <LinkButton onClick={onBack}>Back to its labels</LinkButton>}
        <LinkButton onClick={onChoose}>Choose another file</LinkButton>
      </div>
      {onBack && <p className="help">New labels take the place of those that are there.</p>}
      <WhyNot {...{ source, running, hasModel }} />
    </>
  );
}

/** What is missing before labels can be given. */
function WhyNot({ source, running, hasModel }: { source: LabellingSource | null; running: boolean; hasModel: boolean }) {
  if (running) return <p className="help">A run is under way; labelling can start when it has ended.</p>;
  if (!hasModel) return <p className="help">The base model is not here yet; labelling can start when it is.</p>;
  if (source !== null) return null;
  return <p className="help">Nothing is here that labels it. Train a model, open a kept run, or import an adapter on Prepare.</p>;
}

/** The run's second column where the table has it; else the first one that is not the texts. */
function secondOf({ columns, guess }: UnlabelledTable, pair: TextPair | null): string | null {
  if (!pair) return null;
  return columns.includes(pair.column) ? pair.column : (columns.find((column) => column !== guess.column) ?? guess.column);
}

interface ColumnChoiceProps {
  label: string;
  table: UnlabelledTable;
  column: string;
  testId: string;
  help: string;
  onChange: (column: string) => void;
}

function ColumnChoice({ label, table, column, testId, help, onChange }: ColumnChoiceProps) {
  const id = useId();
  return (
    <Field htmlFor={id} label={label} help={help}>
      <NativeSelect
        id={id}
        aria-describedby={helpId(id)}
        data-testid={testId}
        data={table.columns.map((name) => ({ value: name, label: name }))}
        value={column}
        onChange={({ currentTarget: { value } }) => onChange(value)}
        classNames={{ input: 'input' }}
        rightSection={<Icon name="down" />}
        rightSectionPointerEvents="none"
      />
    </Field>
  );
}

const shownColumns = 5;
const shownRows = 4;

/** The text columns first, so that a wrong choice is seen. */
function FirstRows({ table, columns }: { table: UnlabelledTable; columns: readonly string[] }) {
  const others = table.columns.filter((column) => !columns.includes(column));
  const shown = [...columns, ...others].slice(0, shownColumns).map((name) => ({ name, place: table.columns.indexOf(name) }));
  const hidden = table.columns.length - shown.length;
  return (
    <div className={styles.scroll} role="region" aria-label="First rows of the table" tabIndex={0}>
      <table className="table" data-testid="label-first-rows">
        <caption className="sr">First rows of {table.name}, the texts first</caption>
        <thead>
          <tr>
            {shown.map(({ name, place }, index) => (
              <th key={place} scope="col" className={index < columns.length ? styles.textHead : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.firstRows.slice(0, shownRows).map((row, at) => (
            <tr key={at}>
              {shown.map(({ place }, index) => (
                <td key={place} className={index === 0 ? 'clip' : 'quiet'} title={row[place]}>
                  {index === 0 ? row[place] : <span className="chip">{row[place]}</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {hidden > 0 && <p className="help">{plural(hidden, 'further column')}, which come along as they are.</p>}
    </div>
  );
}

/** Rows that could not be read are in no output, so that they are told before. */
export function LeftOut({ table: { skipped, warnings } }: { table: UnlabelledTable }) {
  const reasons = skipped.map(
    ({ count, reason, firstRow }) => `${formatCount(count)} ${reason} (first: row ${formatCount(firstRow)})`,
  );
  if (reasons.length === 0 && warnings.length === 0) return null;
  return (
    <p className="help" data-testid="label-left-out">
      {reasons.length > 0 && <>Rows left out: {reasons.join(', ')}. </>}
      {warnings.join(' ')}
    </p>
  );
}
