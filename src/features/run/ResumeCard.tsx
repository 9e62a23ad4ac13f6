import { useState } from 'react';
import { useElsewhere, useResume, useRun, useSession } from '../../state/hooks';
import { continueRun, discardRun } from '../../state/resume';
import { isRunning } from '../../state/run';
import { Button } from '../../ui/Button';
import { ErrorNotice, Notice } from '../../ui/Notice';
import { resumeWords } from './resumeWords';

/** A run that was not finished, and the way on. */
export function ResumeCard() {
  const { run, error, seen } = useResume();
  const elsewhere = useElsewhere();
  const isBusy = useRun(isRunning);
  const isReading = useSession(
    (state) => state.datasetLoading !== null || state.modelLoading !== null || state.changing !== null,
  );
  if (elsewhere || isBusy) return null;
  if (error) {
    return (
      <div data-testid="resume-card">
        <ErrorNotice report={error} actions={<Discard />} />
      </div>
    );
  }
  if (!run) return null;
  const { title, words } = resumeWords(run, seen, isReading);
  return (
    <div data-testid="resume-card">
      <Notice
        icon="again"
        title={title}
        actions={
          <>
            <Button size="sm" kind="go" icon="play" disabled={run.missing.length > 0} onClick={() => void continueRun()}>
              Continue
            </Button>
            <Discard />
          </>
        }
      >
        {words}
      </Notice>
    </div>
  );
}

/** Asks once more: what is discarded cannot be had again. */
function Discard() {
  const [isAsking, setIsAsking] = useState(false);
  if (!isAsking) {
    return (
      <Button size="sm" onClick={() => setIsAsking(true)}>
        Discard
      </Button>
    );
  }
  return (
    <>
      <Button size="sm" onClick={() => void discardRun()}>
        Discard for good
      </Button>
      <Button size="sm" onClick={() => setIsAsking(false)}>
        Keep it
      </Button>
    </>
  );
}
