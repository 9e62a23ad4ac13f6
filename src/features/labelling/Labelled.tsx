import { useState } from 'react';
import { reportOf, type ErrorReport } from '../../../workers/api/errors';
import type { LabelledTable } from '../../../workers/api/labelling';
import { CountBars } from '../../charts/CountBars';
import { useRun } from '../../state/hooks';
import { discardLabelling, labelledFile, resumeLabelling } from '../../state/labelling';
import { isRunning } from '../../state/run';
import { Button, LinkButton } from '../../ui/Button';
import { formatBytes, formatCount, plural } from '../../ui/format';
import { ErrorNotice, Notice } from '../../ui/Notice';
import { saveFile } from '../../ui/saveFile';
import { Review } from './Review';
import { LeftOut } from './StartLabelling';
import styles from './labelling.module.css';

interface LabelledProps {
  labelled: LabelledTable;
  onChoose: () => void;
  onAgain: () => void;
}

/** What came out: the file, how the labels fall, and the rows to look at. */
export function Labelled({ labelled, onChoose, onAgain }: LabelledProps) {
  const { busy, error, save } = useSaving();
  const { table, labels, counts, done, isFinished, request, runName, modelName } = labelled;
  return (
    <>
      {!isFinished && <Stopped labelled={labelled} />}
      <p className={styles.sentence} data-testid="label-done" data-done={done} data-finished={isFinished}>
        {plural(done, 'row')} labelled by{' '}
        <b className={`is-${request.model}`}>{request.model === 'tuned' ? runName : modelName}</b>
        {request.model === 'tuned' ? ', tuned' : ', the base model'}, from{' '}
        {request.columns.map((column) => `“${column}”`).join(' and ')}.{remarks(labelled)}
      </p>
      <LeftOut table={table} />
      <div className={styles.actions}>
        <Button icon="download" disabled={busy || done === 0} onClick={() => save(null)} data-testid="label-download">
          {isFinished ? 'Download the labelled table' : 'Download what there is'}
        </Button>
        <span className="label">
          {table.output === 'csv' ? 'CSV' : 'JSON lines'}, {formatBytes(labelled.sizeBytes)}
        </span>
        <LinkButton onClick={onAgain}>Label it again</LinkButton>
        <LinkButton onClick={onChoose}>Label another file</LinkButton>
        <Discard />
      </div>
      {error && <ErrorNotice report={error} />}
      {done > 0 && (
        <div className={styles.outcome}>
          <section aria-label="Labels given">
            <h4>Labels given</h4>
            <CountBars counts={labels.map((label, index) => ({ label, count: counts[index] ?? 0 }))} />
          </section>
          <Review labelled={labelled} isSaving={busy} onSave={save} />
        </div>
      )}
    </>
  );
}

/** Asks once more: labels take minutes to come again. */
function Discard() {
  const [isAsking, setIsAsking] = useState(false);
  return isAsking ? (
    <Button
      size="sm"
      autoFocus
      onBlur={() => setIsAsking(false)}
      onClick={() => void discardLabelling()}
      data-testid="label-discard-confirm"
    >
      Delete for good
    </Button>
  ) : (
    <LinkButton onClick={() => setIsAsking(true)} data-testid="label-discard">
      Delete from this device
    </LinkButton>
  );
}

const isMuch = 0.1;

function remarks({ withoutText, cut, done, added, labels }: LabelledTable): string {
  const usual = ['predicted_label', 'probability', ...labels.map((label) => `probability_${label}`)];
  const renamed = added.flatMap((name, at) => (name === usual[at] ? [] : [`“${usual[at]}” already, so ours is “${name}”`]));
  const parts = [
    withoutText > 0 ? ` ${plural(withoutText, 'row has', 'rows have')} no text, and so no label.` : '',
    cut > 0 ? ` ${plural(cut, 'text is', 'texts are')} longer than the model reads; the end is cut off, as in training.` : '',
    cut > isMuch * done ? ' A model that was trained with a larger max_length reads more of them.' : '',
    renamed.length > 0 ? ` The table has ${renamed.slice(0, 3).join(', and ')}.` : '',
  ];
  return parts.join('');
}

function Stopped({ labelled: { done, table } }: { labelled: LabelledTable }) {
  const running = useRun(isRunning);
  return (
    <Notice
      icon="again"
      title={`${formatCount(done)} of ${formatCount(table.rowCount)} rows are labelled`}
      actions={
        <Button size="sm" icon="play" disabled={running} onClick={() => void resumeLabelling()} data-testid="label-continue">
          Continue
        </Button>
      }
    >
      They lie on this device with the rest of the table. Labelling goes on at row {formatCount(done + 1)}.
    </Notice>
  );
}

function useSaving() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorReport | null>(null);
  const save = (below: number | null) => {
    setBusy(true);
    setError(null);
    labelledFile(below)
      .then(({ name, blob }) => saveFile(name, blob))
      .catch((thrown: unknown) => setError(reportOf(thrown)))
      .finally(() => setBusy(false));
  };
  return { busy, error, save };
}
