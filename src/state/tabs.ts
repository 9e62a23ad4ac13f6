import { createStore } from 'zustand/vanilla';
import { TuneletError } from '../../workers/api/errors';
import type { TrainerEvent } from '../../workers/api/events';
import { addNotice } from './session';
import { emptyRun, isRunning, receiveRunEvent, runStore, type RunState } from './run';

/** Held by the tab that trains, as long as it does: of all tabs one at a time writes a run's files. */
const lockName = 'tunelet-run';

/** What tabs of this page tell each other of a run. */
type TabMessage =
  /** A tab has opened, or has stopped training: who trains? */
  | { kind: 'who' }
  | { kind: 'run'; run: RunState }
  | { kind: 'event'; event: TrainerEvent }
  /** However it went: a tab that is killed says nothing. */
  | { kind: 'over' };

export interface TabsState {
  /** A run of another tab, which this one shows and does not touch. `isLive`: this tab had no run of its own to show. */
  elsewhere: { name: string; isLive: boolean } | null;
}

export const tabsStore = createStore<TabsState>(() => ({ elsewhere: null }));

const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('tunelet-run') : null;

let holds = false;

/** Whether this tab trains. */
export function trainsHere(): boolean {
  return holds && isRunning(runStore.getState());
}

/**
 * Runs `work` as the one tab that trains.
 * @throws TuneletError 'session/elsewhere' where another tab does
 */
export async function asTrainingTab<Result>(work: () => Promise<Result>): Promise<Result> {
  if (!('locks' in navigator)) return work();
  return navigator.locks.request(lockName, { ifAvailable: true }, async (lock) => {
    if (!lock) {
      channel?.postMessage({ kind: 'who' } satisfies TabMessage);
      throw trainsElsewhere();
    }
    return hold(work);
  });
}

async function hold<Result>(work: () => Promise<Result>): Promise<Result> {
  holds = true;
  tabsStore.setState({ elsewhere: null });
  tell({ kind: 'run', run: runStore.getState() });
  try {
    return await work();
  } finally {
    holds = false;
    tell({ kind: 'over' });
  }
}

/** Hands an event of this tab's run to the tabs that show it. */
export function tellOtherTabs(event: TrainerEvent): void {
  if (holds) tell({ kind: 'event', event: withoutResult(event) });
}

/** What is asked of a result only the worker that has it can answer. */
function withoutResult(event: TrainerEvent): TrainerEvent {
  return event.kind === 'run-finished' ? { kind: 'phase', phase: 'finished' } : event;
}

function tell(message: TabMessage): void {
  channel?.postMessage(message);
}

/** Follows runs of other tabs from now on. */
export function followOtherTabs(): void {
  if (!channel) return;
  channel.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => {
    switch (data.kind) {
      case 'who':
        if (holds) tell({ kind: 'run', run: { ...runStore.getState(), result: null } });
        return;
      case 'run':
        if (!holds) beginFollowing(data.run);
        return;
      case 'event':
        if (!holds) follow(data.event);
        return;
      case 'over':
        isOver = true;
        return;
      default:
        data satisfies never;
    }
  });
  tell({ kind: 'who' });
}

/** Whether the run that this tab follows has come to its end. */
let isOver = false;

function beginFollowing(run: RunState): void {
  isOver = false;
  const { elsewhere } = tabsStore.getState();
  const isLive = elsewhere?.isLive ?? runStore.getState().phase === null;
  tabsStore.setState({ elsewhere: { name: run.start?.name ?? '', isLive } });
  if (isLive) runStore.setState(run, true);
  if (!elsewhere) void noticeEnd();
}

function follow(event: TrainerEvent): void {
  const { elsewhere } = tabsStore.getState();
  if (!elsewhere) return;
  if (event.kind === 'run-started') tabsStore.setState({ elsewhere: { ...elsewhere, name: event.name } });
  if (elsewhere.isLive) receiveRunEvent(event);
}

/** The lock is free when the other tab's run is over, and also when that tab is gone. What was shown of its run goes. */
async function noticeEnd(): Promise<void> {
  if (!('locks' in navigator)) return;
  await navigator.locks.request(lockName, () => undefined);
  const { elsewhere } = tabsStore.getState();
  if (!elsewhere) return;
  if (elsewhere.isLive) runStore.setState(emptyRun, true);
  tabsStore.setState({ elsewhere: null });
  const name = elsewhere.name === '' ? 'A run' : `The run ${elsewhere.name}`;
  addNotice(isOver ? `${name} is over in the other tab. Its results are there.` : `${name} has ended: the other tab was closed.`);
}

function trainsElsewhere(): TuneletError {
  return new TuneletError(
    'session/elsewhere',
    'A run is training in another tab of this page, and one at a time can.',
    'Wait for it, or take it over here.',
  );
}
