import type { TrainerEvent } from '../../workers/api/events';

const redrawIntervalMs = 100;

export interface EventQueue {
  receive: (event: TrainerEvent) => void;
  /** Forgets what waits. */
  drop: () => void;
}

/**
 * Takes the worker's events in order and hands them on in few portions: steps and progress at most ten times a second and
 * with the screen's frames, everything else at once with what waits before it.
 */
export function createEventQueue(
  deliver: (events: readonly TrainerEvent[]) => void,
  schedule: (flush: () => void) => void = scheduleRedraw,
): EventQueue {
  let waiting: TrainerEvent[] = [];
  let scheduled = false;
  const flush = () => {
    scheduled = false;
    if (waiting.length === 0) return;
    const portion = waiting;
    waiting = [];
    deliver(portion);
  };
  const receive = (event: TrainerEvent) => {
    waiting.push(event);
    const canWait = event.kind === 'steps' || event.kind.endsWith('-progress');
    if (!canWait) flush();
    else if (!scheduled) {
      scheduled = true;
      schedule(flush);
    }
  };
  return { receive, drop: () => (waiting = []) };
}

function scheduleRedraw(flush: () => void): void {
  setTimeout(() => {
    // A hidden tab gets no frames, and what is not drawn costs nothing.
    if (typeof requestAnimationFrame === 'undefined' || document.hidden) flush();
    else requestAnimationFrame(flush);
  }, redrawIntervalMs);
}
