import type { TrainerEvent } from '../../api/events';
import type { Proceed, Watch } from '../../evaluation/watch';
import { Stopwatch } from '../../training/pace';

const reportEveryMs = 100;

/**
 * Tells the page how many of `total` texts are judged, or with `answers` answered freely: none at first, all at the end, and
 * between them at most ten times a second. What `proceed` holds up is not measured.
 */
export function countedWatch(
  parts: { total: number; answers: boolean },
  proceed: Proceed,
  emit: (event: TrainerEvent) => void,
  now: () => number = () => performance.now(),
): Watch {
  const { total, answers } = parts;
  const stopwatch = new Stopwatch(now);
  let done = 0;
  let reportedMs = now();
  const report = (): void => {
    reportedMs = now();
    emit({ kind: 'evaluation-progress', done, total, answers, elapsedSeconds: stopwatch.elapsedMs / 1000 });
  };
  stopwatch.start();
  report();
  return {
    proceed: async () => {
      stopwatch.stop();
      const goesOn = await proceed();
      stopwatch.start();
      return goesOn;
    },
    done: (count) => {
      done += count;
      if (done >= total || now() - reportedMs >= reportEveryMs) report();
    },
  };
}
