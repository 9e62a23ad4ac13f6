import { useState, type FormEvent } from 'react';
import type { ListedRun } from '../../../workers/api/runs';
import { Button } from '../../ui/Button';
import { DeleteButton } from '../../ui/DeleteButton';
import { formatBytes, formatCount, plural } from '../../ui/format';
import { continueFrom, deleteRun, openRun, renameRun } from '../../state/keptRunCommands';
import { useKeptRuns, useRun } from '../../state/hooks';
import { clusterPart } from '../../state/place';
import { isRunning } from '../../state/run';
import { modelWords, startedWords } from './whatChanged';
import styles from './runs.module.css';

/** A run's name, what it was made of, and what can be done with it. */
export function RunMore({ run, now }: { run: ListedRun; now: number }) {
  const isBusy = useKeptRuns((state) => state.busy === run.id);
  const running = useRun(isRunning);
  const { id, number, name, notices } = run;
  return (
    <div className={styles.moreBody} data-testid={`run-${number}-parts`}>
      <Rename run={run} />
      <div className={styles.facts}>
        <span>
          Model <b>{modelWords(run)}</b>
        </span>
        <span>
          Dataset <b>{run.dataset.name}</b>, {plural(run.dataset.rows.train, 'training row')}
        </span>
        <span>
          On <b>{run.device}</b>
        </span>
        <span>
          {run.origin === 'import' ? 'Not trained here' : `Step ${formatCount(run.bestStep)} of ${formatCount(run.steps)} kept`}
        </span>
        <span>{startedWords(run.startedAt, now)}</span>
        <span>{formatBytes(run.sizeBytes)}</span>
      </div>
      {notices.map((notice, index) => (
        <p key={index} className="help">
          {notice}
        </p>
      ))}
      <div className="row">
        <Button size="sm" disabled={isBusy || running} onClick={() => void openRun(run)} data-testid={`run-${number}-open`}>
          Open the results
        </Button>
        {run.steps > 0 && (
          <Button
            size="sm"
            disabled={isBusy || running}
            onClick={() => void openRun(run, 'run')}
            data-testid={`run-${number}-course`}
          >
            See how it went
          </Button>
        )}
        <Button
          size="sm"
          disabled={isBusy || running}
          onClick={() => void continueFrom(run)}
          data-testid={`run-${number}-continue`}
        >
          Continue from it
        </Button>
        {run.origin !== 'import' && (
          <Button
            size="sm"
            disabled={isBusy || running}
            onClick={() => void openRun(run, 'results', clusterPart)}
            data-testid={`run-${number}-cluster`}
          >
            Continue on a cluster
          </Button>
        )}
        <DeleteButton
          name={`run ${number}`}
          sizeBytes={run.sizeBytes}
          disabled={isBusy}
          onDelete={() => void deleteRun(id, `Run ${number}, ${name},`)}
          testId={`run-${number}`}
        />
        {running && <span className="help">A run is under way; opening another waits for its end.</span>}
      </div>
    </div>
  );
}

function Rename({ run: { id, number, name } }: { run: ListedRun }) {
  const [draft, setDraft] = useState(name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (draft.trim() !== '' && draft.trim() !== name) void renameRun(id, draft);
  };
  return (
    <form className={styles.rename} onSubmit={submit}>
      <input
        className="input"
        aria-label={`Name of run ${number}`}
        value={draft}
        maxLength={200}
        onChange={(event) => setDraft(event.target.value)}
        data-testid={`run-${number}-name`}
      />
      <Button
        size="sm"
        type="submit"
        disabled={draft.trim() === '' || draft.trim() === name}
        data-testid={`run-${number}-rename`}
      >
        Rename
      </Button>
    </form>
  );
}
