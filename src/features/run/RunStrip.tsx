import type { ReactNode } from 'react';
import { formatBytes, formatCount, formatDuration, formatPercent } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import type { RunPhase } from '../../../workers/api/events';
import { useElsewhere, useResume, useRun, useSession } from '../../state/hooks';
import type { RunState } from '../../state/run';
import { Gauge } from './Gauge';
import type { SeenStep } from '../../state/resume';
import { clockSeconds, redoneWords } from './resumeWords';
import { RunActions } from './RunActions';
import { bestOf, evaluationWords, phaseWords, shareBeside, shareDone } from './runView';
import styles from './RunStrip.module.css';
import { WaitGauges, WaitMark } from './WaitStrip';

/** Progress across the page, with ticks at the evaluations; or how far what comes before or between the steps is. */
export function RunProgress() {
  const run = useRun((state) => state);
  const beside = shareBeside(run);
  const share = beside?.share ?? shareDone(run);
  const total = run.start?.totalSteps ?? 0;
  const isOfSteps =
    run.phase === 'training' || run.phase === 'evaluating' || run.phase === 'finished' || run.phase === 'final-evaluation';
  return (
    <div
      className={styles.progress}
      data-off={beside !== null || !isOfSteps}
      role="progressbar"
      aria-label={beside?.name ?? 'Steps done'}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
    >
      <i style={{ transform: `scaleX(${share})` }} />
      {total > 0 &&
        beside === null &&
        run.start?.evaluationSteps
          .filter((step) => step > 0 && step < total)
          .map((step) => <u key={step} style={{ left: `${(step / total) * 100}%` }} />)}
    </div>
  );
}

/** What the run is doing, its gauges, and what can be done with it; `afterRun` stands beside the way to the results. */
export function RunStrip({ afterRun }: { afterRun?: ReactNode }) {
  const run = useRun((state) => state);
  const { seen } = useResume();
  if (run.phase === null) return null;
  return (
    <section className={styles.strip} aria-label="Progress">
      <div className={styles.stripMain}>
        <div className={styles.state}>
          <b data-testid="run-phase" data-phase={run.phase}>
            {run.wait ? <WaitMark wait={run.wait} /> : <PhaseMark phase={run.phase} />}
            {headline(run, run.phase)}
          </b>
          <span className="label">{underline(run, run.phase, seen)}</span>
        </div>
        {run.wait ? <WaitGauges run={run} wait={run.wait} /> : <Gauges run={run} phase={run.phase} />}
      </div>
      <div className={styles.acts}>
        <RunActions phase={run.phase} />
        {run.phase === 'finished' && afterRun}
      </div>
    </section>
  );
}

function PhaseMark({ phase }: { phase: RunPhase }) {
  if (phase === 'paused') return <Icon name="pause" />;
  if (phase === 'finished') return <Icon name="tick" />;
  if (phase === 'failed') return <Icon name="error" />;
  if (phase === 'stopped') return <Icon name="stop" />;
  return <span className={styles.live} aria-hidden="true" />;
}

function headline(run: RunState, phase: RunPhase): string {
  if (phase === 'paused') return `Paused at step ${formatCount(run.progress?.step ?? 0)}`;
  if (phase === 'finished' && run.result?.stopped) return `Stopped at step ${formatCount(run.result.steps)} and kept`;
  if (phase === 'failed' && run.progress) return `Stopped at step ${formatCount(run.progress.step)}`;
  if (run.wait?.full) return 'Graphics device full';
  if (run.wait?.state === 'asking') return run.wait.attempt === 0 ? 'Graphics device lost again' : 'Graphics device not back';
  if (phase === 'final-evaluation' && run.judging?.answers) return 'Writing free answers';
  if (phase === 'final-evaluation' && run.start === null) return 'Evaluating the adapter';
  if (phase === 'training' && run.start?.resumed) return `Training, resumed at step ${formatCount(run.start.resumed.step)}`;
  return phaseWords[phase];
}

function underline(run: RunState, phase: RunPhase, seen: SeenStep | null): string {
  const name = run.start?.name ?? '';
  if (phase === 'loading-weights' && run.loading && run.loading.totalBytes > 0) {
    return `${run.loading.file}: ${formatBytes(run.loading.loadedBytes)} of ${formatBytes(run.loading.totalBytes)}`;
  }
  if (phase === 'compiling') {
    const { done, total } = run.compiling ?? { done: 0, total: 0 };
    return total > 1 ? `Preparing kernels, ${done} of ${total}` : 'Once for this model and this device';
  }
  if (phase === 'stopped') return 'Nothing was trained. Data and settings are kept.';
  if (phase === 'paused') {
    return isSaved(run) ? 'Saved on this device. Close the tab if you like.' : 'Kept in this tab. Leave it open to go on.';
  }
  if (run.judging) return evaluationWords(run, run.judging);
  if (phase === 'finished') {
    const best = bestOf(run.evaluations);
    if (best) return `Best evaluation kept: step ${formatCount(best.step)}, accuracy ${formatPercent(best.evaluation.accuracy)}`;
  }
  return (phase === 'training' && redoneWords(run, seen)) || name;
}

/** Nothing is lost where the tab is closed now. */
function isSaved({ saved, progress }: RunState): boolean {
  return saved !== null && saved.step === (progress?.step ?? 0);
}

function Gauges({ run, phase }: { run: RunState; phase: RunPhase }) {
  const executor = useSession((state) => state.device?.executor ?? null);
  const { progress, start, result } = run;
  if (phase === 'finished' && result) {
    return (
      <dl className={styles.gauges}>
        <Gauge name="Steps" value={formatCount(result.steps)} />
        <Gauge name="Took" value={formatDuration(result.elapsedSeconds)} />
        <Gauge name="Tokens a second" value={formatCount(result.tokensPerSecond)} />
      </dl>
    );
  }
  if (phase === 'failed') {
    return (
      <dl className={styles.gauges}>
        <Gauge
          name="Step"
          value={formatCount(progress?.step ?? 0)}
          {...(start ? { note: `of ${formatCount(start.totalSteps)}` } : {})}
        />
        <Gauge name="Elapsed" value={formatDuration(progress?.elapsedSeconds ?? 0)} />
      </dl>
    );
  }
  if (start === null || phase === 'stopped' || phase === 'loading-weights' || phase === 'compiling') return null;
  if (phase === 'evaluating-base' || phase === 'final-evaluation') {
    return (
      <dl className={styles.gauges}>
        <Gauge name="Step" value={formatCount(progress?.step ?? 0)} note={`of ${formatCount(start.totalSteps)}`} />
        <Gauge name="Evaluating for" value={formatDuration(run.judging?.elapsedSeconds ?? 0)} />
        <Gauge name={executor === 'wasm' ? 'Memory' : 'GPU memory'} value={formatBytes(start.memoryBytes)} optional />
      </dl>
    );
  }
  const timeLeft = progress?.secondsLeft ?? null;
  return (
    <dl className={styles.gauges}>
      <Gauge name="Step" value={formatCount(progress?.step ?? 0)} note={`of ${formatCount(start.totalSteps)}`} />
      <Gauge name="Time left" value={timeLeft === null ? 'Measuring' : formatDuration(timeLeft)} />
      {phase === 'paused' && run.saved ? (
        <Gauge name="Saved" value={clockSeconds(run.saved.savedAtMs)} />
      ) : (
        <Gauge name="Tokens a second" value={progress ? formatCount(progress.tokensPerSecond) : 'Measuring'} />
      )}
      <Gauge
        name="Epoch"
        value={(progress?.epoch ?? 0).toFixed(2)}
        note={`of ${epochsOf(start.totalSteps, start.stepsPerEpoch)}`}
        optional
      />
      <Gauge name="Elapsed" value={formatDuration(progress?.elapsedSeconds ?? 0)} optional />
      <Gauge name={executor === 'wasm' ? 'Memory' : 'GPU memory'} value={formatBytes(start.memoryBytes)} optional />
    </dl>
  );
}

function epochsOf(totalSteps: number, stepsPerEpoch: number): string {
  return stepsPerEpoch > 0 ? String(Number((totalSteps / stepsPerEpoch).toFixed(2))) : '0';
}

/** The same actions at the bottom of a narrow page. */
export function RunDock() {
  const phase = useRun((state) => state.phase);
  const elsewhere = useElsewhere();
  if (phase === null || elsewhere?.isLive) return null;
  return (
    <div className="dock">
      <RunActions phase={phase} className="fill" />
    </div>
  );
}
