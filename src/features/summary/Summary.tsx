import type { ReactNode } from 'react';
import { useHub, useReading, useRun, useSession } from '../../state/hooks';
import { goTo, goToPart } from '../../state/place';
import { startGap, type StartGap } from '../../state/readiness';
import { isRunning } from '../../state/run';
import { evaluateAdapter, startRun } from '../../state/runCommands';
import { Button } from '../../ui/Button';
import { formatCount } from '../../ui/format';
import { EarlyFacts, PlanFacts } from './SummaryFacts';
import './Summary.css';

/** What is missing before Start, or null. */
function useGap(): StartGap | null {
  const session = useSession((state) => state);
  const { problems } = useReading();
  const download = useHub((state) => state.download);
  return startGap(session, problems, download);
}

/** What the run will cost, and the one button that starts it. */
export function Summary() {
  const dataset = useSession((state) => state.dataset);
  const failed = useSession((state) => state.datasetError !== null);
  const gap = useGap();
  const running = useRun(isRunning);
  return (
    <aside className="summary" aria-label="This run">
      <div className="card">
        <h2>This run</h2>
        {dataset && !failed ? <PlanFacts dataset={dataset} /> : <EarlyFacts />}
        <div className="actions">
          <StartButton gap={gap} running={running} wide />
          <AdapterActions gap={gap} running={running} />
        </div>
        <p className="under">{underWords(gap, running)}</p>
      </div>
    </aside>
  );
}

function underWords(gap: StartGap | null, running: boolean): string {
  if (running) return 'Changes made here are for the run after it.';
  return gap?.remedy ?? 'Pause or stop whenever you like: what is trained by then is kept.';
}

interface StartButtonProps {
  gap: StartGap | null;
  running: boolean;
  wide?: boolean;
}

/** Blocked, it names the gap and, pressed, goes there. */
function StartButton({ gap, running, wide = false }: StartButtonProps) {
  const size = wide ? 'big' : 'normal';
  if (running) {
    return (
      <Button kind="go" size={size} wide={wide} onClick={() => goTo('run')} data-testid="start" data-state="running">
        See the run
      </Button>
    );
  }
  if (gap) {
    return (
      <Button size={size} wide={wide} blocked onClick={() => goToPart(gap.part)} data-testid="start" data-state="blocked">
        {wide ? gap.label : gap.short}
      </Button>
    );
  }
  return (
    <Button kind="go" size={size} wide={wide} onClick={() => void startRun('fresh')} data-testid="start" data-state="ready">
      Start training
    </Button>
  );
}

/** With an imported adapter there are two more ways on. */
function AdapterActions({ gap, running }: { gap: StartGap | null; running: boolean }) {
  const adapter = useSession((state) => state.adapter);
  if (!adapter || gap || running) return null;
  return (
    <>
      <Button wide onClick={() => void startRun('adapter')} data-testid="continue-adapter">
        Continue training the adapter
      </Button>
      <Button wide onClick={() => void evaluateAdapter()} data-testid="evaluate-adapter">
        Evaluate the adapter
      </Button>
    </>
  );
}

/** The summary of a narrow page, at its foot. */
export function Dock() {
  const gap = useGap();
  const running = useRun(isRunning);
  return (
    <section className="dock" aria-label="Next step">
      <DockWords gap={gap} />
      <StartButton gap={gap} running={running} />
    </section>
  );
}

function DockWords({ gap }: { gap: StartGap | null }): ReactNode {
  const plan = useSession((state) => state.plan);
  const dataset = useSession((state) => state.dataset);
  const failure = useSession((state) => state.datasetError);
  if (failure) {
    return (
      <div>
        <b>{failure.file}</b>
        <span className="label">Not read; it needs you</span>
      </div>
    );
  }
  if (plan && !gap) {
    return (
      <div>
        <b>{formatCount(plan.totalSteps)} steps</b>
        <span className="label">
          {formatCount(plan.trainRows)} texts, {plan.evaluations} evaluations
        </span>
      </div>
    );
  }
  return (
    <div>
      <b>{dataset ? dataset.name : 'No dataset yet'}</b>
      <span className="label">{dataset ? `${formatCount(dataset.rowCount)} rows` : 'Model and settings are ready'}</span>
    </div>
  );
}
