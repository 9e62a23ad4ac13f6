import { useRef } from 'react';
import { ResumeCard } from '../../features/run/ResumeCard';
import { Comparison } from '../../features/runs/Comparison';
import { RunTable } from '../../features/runs/RunTable';
import { RunsEmpty } from '../../features/runs/RunsEmpty';
import { RunsHead } from '../../features/runs/RunsHead';
import { useKeptRuns } from '../../state/hooks';
import { importRuns } from '../../state/keptRunCommands';
import { chosenRuns, dismissRunsError } from '../../state/keptRuns';
import { IconButton } from '../../ui/Button';
import { DamagedRuns } from '../../features/runs/DamagedRuns';
import { ErrorNotice, Notice } from '../../ui/Notice';
import { useFileDrop } from '../../ui/useFileDrop';
import styles from './Runs.module.css';

/** Every run that the device keeps, each by what changed, and two of them beside each other. */
export function Runs() {
  const input = useRef<HTMLInputElement>(null);
  const kept = useKeptRuns((state) => state.kept);
  const error = useKeptRuns((state) => state.error);
  const { isOver, handlers } = useFileDrop(([file]) => void (file && importRuns(file)));
  const choose = () => input.current?.click();
  return (
    <main id="main" className={styles.page} data-over={isOver} {...handlers}>
      <input
        ref={input}
        type="file"
        hidden
        accept=".zip,application/zip"
        data-testid="file-runs"
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) void importRuns(file);
          // Cleared, so that the same file can be chosen again.
          event.target.value = '';
        }}
      />
      {error && <ErrorNotice report={error} actions={<IconButton icon="cross" label="Dismiss" onClick={dismissRunsError} />} />}
      <ResumeCard />
      {kept && kept.runs.length === 0 && kept.damaged.length === 0 && <RunsEmpty onImport={choose} />}
      {kept && kept.runs.length + kept.damaged.length > 0 && (
        <>
          <RunsHead kept={kept} onImport={choose} />
          {!kept.isOnDevice && (
            <Notice kind="warn" title="This browser keeps nothing for this page">
              These runs are gone when the tab closes, as in a private window. Export them to keep them.
            </Notice>
          )}
          <DamagedRuns damaged={kept.damaged} />
          {kept.runs.length > 0 && <RunTable kept={kept} />}
          <Compared />
        </>
      )}
    </main>
  );
}

function Compared() {
  const kept = useKeptRuns((state) => state.kept);
  const chosen = useKeptRuns((state) => state.chosen);
  const comparison = useKeptRuns((state) => state.comparison);
  const [a, b] = chosenRuns({ kept, chosen });
  if (a && b) return <Comparison a={a} b={b} found={comparison?.a === a.id && comparison.b === b.id ? comparison.found : null} />;
  if ((kept?.runs.length ?? 0) < 2) return null;
  return (
    <p className="help">
      {a ? `Choose a second run to see it beside run ${a.number}.` : 'Choose two runs to see them beside each other.'}
    </p>
  );
}
