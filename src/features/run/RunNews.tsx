import type { ErrorReport } from '../../../workers/api/errors';
import { Button } from '../../ui/Button';
import { formatCount, formatPercent } from '../../ui/format';
import { ErrorNotice, Notice } from '../../ui/Notice';
import { useRun, useSession } from '../../state/hooks';
import { goTo } from '../../state/place';
import { takeSettings } from '../../state/settings';
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
            phase === 'failed' ? (
              <BatchThatFits report={error} />
            ) : (
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

/** For a device that was full. */
function BatchThatFits({ report: { details } }: { report: ErrorReport }) {
  const { perDeviceTrainBatchSize, gradientAccumulationSteps } = details;
  if (typeof perDeviceTrainBatchSize !== 'number' || typeof gradientAccumulationSteps !== 'number') return null;
  const use = () => {
    takeSettings({ perDeviceTrainBatchSize, gradientAccumulationSteps });
    goTo('prepare');
  };
  return (
    <Button size="sm" data-testid="memory-remedy" onClick={use}>
      Use batch size {formatCount(perDeviceTrainBatchSize)}, {formatCount(gradientAccumulationSteps)} a step
    </Button>
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
