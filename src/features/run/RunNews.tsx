import { Button } from '../../ui/Button';
import { formatPercent } from '../../ui/format';
import { ErrorNotice, Notice } from '../../ui/Notice';
import { useRun, useSession } from '../../state/hooks';
import { goTo } from '../../state/place';
import { splitMessage } from '../../ui/splitMessage';
import { DeviceLost } from './DeviceLost';
import { Unsaved } from './Unsaved';

/** What went wrong, and what happened while work is safe. */
export function RunNews() {
  const phase = useRun((state) => state.phase);
  const failure = useRun((state) => state.error);
  const notices = useRun((state) => state.notices);
  const refused = useSession((state) => state.runError);
  const error = failure ?? refused;
  return (
    <>
      <DeviceLost />
      <Unsaved />
      {error && (
        <ErrorNotice
          report={error}
          // A failed run has this step beside its state already.
          actions={
            phase !== 'failed' && (
              <Button size="sm" onClick={() => goTo('prepare')}>
                Back to Prepare
              </Button>
            )
          }
        />
      )}
      {notices.slice(-3).map((notice, index) => (
        <News key={`${notices.length - index}`} words={notice} />
      ))}
    </>
  );
}

function News({ words }: { words: string }) {
  const { happened, values } = splitMessage(words);
  return (
    <Notice kind="warn" title={happened}>
      {values || undefined}
    </Notice>
  );
}

/** Says each evaluation to screen readers; steps are not said. */
export function EvaluationAnnouncer() {
  const latest = useRun((state) => state.evaluations.at(-1) ?? null);
  const base = useRun((state) => state.base);
  const spoken = latest
    ? `Step ${latest.step}: validation accuracy ${formatPercent(latest.evaluation.accuracy)}${latest.best ? ', the best so far' : ''}.`
    : base
      ? `Base model: validation accuracy ${formatPercent(base.evaluation.accuracy)}.`
      : '';
  return (
    <p className="sr" aria-live="polite">
      {spoken}
    </p>
  );
}
