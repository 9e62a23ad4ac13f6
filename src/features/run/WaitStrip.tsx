import { useEffect, useState } from 'react';
import type { DeviceWait } from '../../../workers/api/deviceWait';
import type { RunState } from '../../state/run';
import { formatCount, formatDuration } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { Gauge } from './Gauge';
import styles from './RunStrip.module.css';

const tickMs = 250;

/** Until the next try; null where none is due by itself. */
function useMsLeft({ nextTry }: DeviceWait): number | null {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    setNow(Date.now());
    if (nextTry === null) return undefined;
    const timer = setInterval(() => setNow(Date.now()), tickMs);
    return () => clearInterval(timer);
  }, [nextTry]);
  // A clock that was set back does not lengthen the wait.
  return nextTry && Math.min(nextTry.waitMs, Math.max(0, nextTry.atMs - now));
}

/** A ring that empties until the next try. */
export function WaitMark({ wait }: { wait: DeviceWait }) {
  const msLeft = useMsLeft(wait);
  if (wait.state === 'asking') return <Icon name="warn" />;
  const share = msLeft === null || !wait.nextTry ? 0 : (100 * msLeft) / wait.nextTry.waitMs;
  return (
    <svg className={styles.ring} viewBox="0 0 20 20" aria-hidden="true">
      <circle cx="10" cy="10" r="8" />
      <circle className={styles.left} cx="10" cy="10" r="8" pathLength="100" strokeDasharray={`${share} 100`} />
    </svg>
  );
}

/** What is safe comes first, then what happens next and when. */
export function WaitGauges({ run, wait }: { run: Pick<RunState, 'start'>; wait: DeviceWait }) {
  const msLeft = useMsLeft(wait);
  const { start } = run;
  const { state, attempt, attempts, lostAtStep, safeStep } = wait;
  return (
    <dl className={styles.gauges}>
      {start && <Gauge name="Step" value={formatCount(lostAtStep)} note={`of ${formatCount(start.totalSteps)}`} />}
      {start && <Gauge name="Safe up to" value={safeStep === 0 ? 'the start' : `step ${formatCount(safeStep)}`} />}
      {state === 'counting' && msLeft !== null && <Gauge name="Next try in" value={formatDuration(Math.ceil(msLeft / 1000))} />}
      {state === 'trying' && <Gauge name="Next try" value="now" />}
      {attempt > 0 && <Gauge name="Attempt" value={String(attempt)} note={`of ${attempts}`} optional />}
    </dl>
  );
}
