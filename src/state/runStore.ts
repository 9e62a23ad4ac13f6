import { createStore } from 'zustand/vanilla';
import type { RunResult } from '../../workers/api/results';
import type { RunCourse } from '../../workers/api/runs';
import { createEventQueue } from './eventQueue';
import { emptyRun, isRunning, type RunState } from './run';
import { applyEvent } from './runEvents';

export const runStore = createStore<RunState>(() => emptyRun);

/** Shows a result that came without a run, such as an imported adapter's evaluation, or that of a kept run with how it went. */
export function showResult(result: RunResult, opened: RunCourse | null = null): void {
  runStore.setState((state) => (isRunning(state) ? state : { ...emptyRun, result, opened }), true);
}

/** Brings back what was shown before something that failed. */
export function restoreRun(before: RunState): void {
  if (!isRunning(before)) runStore.setState(before, true);
}

/** Forgets the run shown; for a new one. Does nothing while one is under way. */
export function clearRun(): void {
  runStore.setState((state) => (isRunning(state) ? state : emptyRun), true);
}

const queue = createEventQueue((events) => {
  runStore.setState((state) => events.reduce(applyEvent, state), true);
});

/** The door for the worker's events: give this to `TrainerApi.connect`, or call it from the listener given there. */
export const receiveRunEvent = queue.receive;

/** Forgets the run shown, also one under way: it is another tab's now. */
export function leaveRun(): void {
  queue.drop();
  runStore.setState(emptyRun, true);
}
