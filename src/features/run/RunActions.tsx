import { useEffect, useState } from 'react';
import { Button } from '../../ui/Button';
import type { RunPhase } from '../../../workers/api/events';
import { useElsewhere, useResume, useRun } from '../../state/hooks';
import { goTo } from '../../state/place';
import { continueRun } from '../../state/resume';
import { formatCount } from '../../ui/format';
import { goOn, pauseRun, resumeRun, stopRun } from '../../state/runCommands';

interface RunActionsProps {
  phase: RunPhase;
  /** Of every button. */
  className?: string | undefined;
}

/** What can be done with the run as it is. */
export function RunActions({ phase, className }: RunActionsProps) {
  const elsewhere = useElsewhere();
  if (elsewhere?.isLive) return null;
  if (phase === 'finished') {
    return (
      <Button className={className} kind="go" onClick={() => goTo('results')}>
        See the results
      </Button>
    );
  }
  if (phase === 'failed' || phase === 'stopped') {
    return <Ended className={className} canGoOn={phase === 'failed'} />;
  }
  if (phase === 'waiting-for-device') return <WaitControls className={className} />;
  return <RunControls phase={phase} className={className} />;
}

/** After a run without a result: what is kept of it can go on. */
function Ended({ className, canGoOn }: Pick<RunActionsProps, 'className'> & { canGoOn: boolean }) {
  const { run } = useResume();
  return (
    <>
      {canGoOn && run && (
        <Button className={className} kind="go" icon="play" disabled={run.missing.length > 0} onClick={() => void continueRun()}>
          Continue from step {formatCount(run.step)}
        </Button>
      )}
      <Button className={className} onClick={() => goTo('prepare')}>
        Back to Prepare
      </Button>
    </>
  );
}

/** While the graphics device is away. */
function WaitControls({ className }: Pick<RunActionsProps, 'className'>) {
  const isTrying = useRun((state) => state.wait?.state === 'trying');
  const isTrained = useRun((state) => (state.wait?.safeStep ?? 0) > 0);
  const { asked, ask } = useAsked('waiting-for-device');
  return (
    <>
      <Button
        className={className}
        kind="go"
        icon="again"
        disabled={isTrying || asked !== null}
        onClick={() => ask('try', () => goOn('device'))}
      >
        {isTrying ? 'Trying' : 'Try now'}
      </Button>
      <Button className={className} icon="stop" disabled={asked === 'stop'} onClick={() => ask('stop', stopRun)}>
        {asked === 'stop' ? 'Stopping' : isTrained ? 'Stop and keep' : 'Stop'}
      </Button>
    </>
  );
}

/** Pause or continue, and stop. */
function RunControls({ phase, className }: RunActionsProps) {
  const started = useRun((state) => state.start !== null);
  const { asked, ask } = useAsked(phase);
  const canPause = phase === 'training' || phase === 'evaluating';
  const isWriting = useRun(
    (state) => state.phase === 'final-evaluation' && state.start !== null && state.judging?.answers === true,
  );
  const isEarly = started && (phase === 'loading-weights' || phase === 'compiling' || phase === 'evaluating-base');
  return (
    <>
      {phase === 'paused' ? (
        <Button className={className} kind="go" icon="play" disabled={asked !== null} onClick={() => ask('resume', resumeRun)}>
          Continue
        </Button>
      ) : (
        canPause && (
          <Button className={className} icon="pause" disabled={asked !== null} onClick={() => ask('pause', pauseRun)}>
            {asked === 'pause' ? (phase === 'training' ? 'Pausing after this step' : 'Pausing') : 'Pause'}
          </Button>
        )
      )}
      {(canPause || phase === 'paused') && (
        <Button className={className} icon="stop" disabled={asked === 'stop'} onClick={() => ask('stop', stopRun)}>
          {asked === 'stop' ? `Stopping after this ${phase === 'evaluating' ? 'evaluation' : 'step'}` : 'Stop and keep'}
        </Button>
      )}
      {isWriting && (
        <Button className={className} icon="stop" disabled={asked === 'stop'} onClick={() => ask('stop', stopRun)}>
          {asked === 'stop' ? 'Stopping' : 'Stop writing'}
        </Button>
      )}
      {isEarly && (
        <Button className={className} icon="stop" disabled={asked === 'stop'} onClick={() => ask('stop', stopRun)}>
          {asked === 'stop' ? 'Stopping before the first step' : 'Stop'}
        </Button>
      )}
    </>
  );
}

type Command = 'pause' | 'resume' | 'stop' | 'try';

/** The command that is on its way, which cannot be given again. */
function useAsked(phase: RunPhase) {
  const [asked, setAsked] = useState<Command | null>(null);
  // A stop stays asked through the phases that the worker still has to go through; after the training another may be asked.
  useEffect(() => {
    if (phase === 'training' || phase === 'evaluating' || phase === 'compiling' || phase === 'evaluating-base') {
      setAsked((current) => (current === 'stop' ? current : null));
    } else setAsked(null);
  }, [phase]);
  const ask = (what: Command, command: () => Promise<void>) => {
    setAsked(what);
    void command().finally(() => setAsked((current) => (current === what && what !== 'stop' ? null : current)));
  };
  return { asked, ask };
}
