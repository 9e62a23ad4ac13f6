import { createStore } from 'zustand/vanilla';
import { TuneletError } from '../../workers/api/errors';
import type { TrainerEvent } from '../../workers/api/events';
import { emptyRun, isRunning, type RunState } from './run';
import { leaveRun, receiveRunEvent, runStore } from './runStore';
import { addNotice, type WorkerContent } from './session';
import type { SettingsState } from './settings';

/** Held by the tab that trains, as long as it does: of all tabs one at a time writes a run's files. */
const lockName = 'tunelet-run';

/** All that a tab that takes over needs to go on; files cross as themselves, never as their bytes. */
export interface HandedOver {
  content: WorkerContent;
  settings: SettingsState['texts'];
}

/** What is done where another tab asks for this one's run: it is saved, then let go. */
export interface HandingOver {
  save: () => Promise<HandedOver>;
  letGo: () => void;
}

/** What tabs of this page tell each other of a run. */
type TabMessage =
  /** A tab has opened: who trains? */
  | { kind: 'who' }
  | { kind: 'run'; run: RunState }
  | { kind: 'event'; event: TrainerEvent }
  /** The run has ended; a tab that is killed says nothing. */
  | { kind: 'over' }
  /** A tab wants to go on with the run; from then on it takes it, and a tab that hung is asked no more. */
  | { kind: 'hand-over'; to: string; untilMs: number }
  | { kind: 'heard'; to: string }
  | { kind: 'handed-over'; to: string; handed: HandedOver };

export interface TabsState {
  /** A run of another tab, which this one shows and does not touch. `isLive`: this tab had no run of its own to show. */
  elsewhere: { name: string; isLive: boolean } | null;
}

export const tabsStore = createStore<TabsState>(() => ({ elsewhere: null }));

const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('tunelet-run') : null;

let holds = false;
/** Another tab has asked for the run of this one and got it. */
let isGivenAway = false;
/** How the run that this tab follows has ended, as far as it was told. */
let ending: 'over' | 'moved' | null = null;
let watching = new AbortController();
let handing: HandingOver | null = null;

/** Whether this tab trains. */
export function trainsHere(): boolean {
  return holds && isRunning(runStore.getState());
}

/** Where another tab trains: leave it, wait until it has let go, or take its run from it. */
export type TurnToTrain = 'if-free' | 'wait' | 'steal';

/**
 * Runs `work` as the one tab that trains.
 * @throws TuneletError 'session/elsewhere' with 'if-free' where another tab does
 */
export async function asTrainingTab<Result>(work: () => Promise<Result>, turn: TurnToTrain = 'if-free'): Promise<Result> {
  if (!('locks' in navigator)) return work();
  const options = { ifAvailable: turn === 'if-free', steal: turn === 'steal' };
  let hasBegun = false;
  const running = navigator.locks.request(lockName, options, async (lock) => {
    if (lock) {
      hasBegun = true;
      return hold(work);
    }
    tell({ kind: 'who' });
    throw trainsElsewhere();
  });
  return running.catch((thrown: unknown) => {
    if (hasBegun && !isGivenAway && isTaken(thrown)) lose();
    throw thrown;
  });
}

/** Either the page's lock or the worker's turn to write was taken away; a tab that hung may hear of either first. */
function isTaken(thrown: unknown): boolean {
  const isLockTaken = thrown instanceof DOMException && thrown.name === 'AbortError';
  return isLockTaken || (thrown instanceof TuneletError && thrown.code === 'session/elsewhere');
}

function lose(): void {
  holds = false;
  addNotice('Another tab has taken the run over, since this one did not answer.');
  handing?.letGo();
  // It may have followed the other's run already, as one that has its own to show.
  leaveOtherTab();
  tell({ kind: 'who' });
}

async function hold<Result>(work: () => Promise<Result>): Promise<Result> {
  holds = true;
  isGivenAway = false;
  ending = null;
  tabsStore.setState({ elsewhere: null });
  tell({ kind: 'run', run: shownElsewhere() });
  try {
    const result = await work();
    end();
    return result;
  } catch (thrown) {
    if (isTaken(thrown)) holds = false;
    else end();
    throw thrown;
  }
}

function end(): void {
  if (holds && ending === null) tell({ kind: 'over' });
  holds = false;
}

/** Hands an event of this tab's run to the tabs that show it. */
export function tellOtherTabs(event: TrainerEvent): void {
  if (!holds) return;
  // What is asked of a result only the worker that has it can answer.
  const told: TrainerEvent = event.kind === 'run-finished' ? { kind: 'phase', phase: 'finished' } : event;
  tell({ kind: 'event', event: told });
}

function shownElsewhere(): RunState {
  const run = runStore.getState();
  return isRunning(run) ? run : emptyRun;
}

function tell(message: TabMessage): void {
  channel?.postMessage(message);
}

/** Follows runs of other tabs from now on. */
export function followOtherTabs(): void {
  channel?.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => receive(data));
  tell({ kind: 'who' });
}

function receive(message: TabMessage): void {
  switch (message.kind) {
    case 'who':
      if (holds) tell({ kind: 'run', run: shownElsewhere() });
      return;
    case 'run':
      if (!holds) beginFollowing(message.run);
      return;
    case 'event':
      if (!holds) follow(message.event);
      return;
    case 'over':
      ending ??= 'over';
      return;
    case 'hand-over':
      if (holds && handing && Date.now() < message.untilMs) void answer(message.to, handing);
      return;
    case 'handed-over':
      ending = 'moved';
      return;
    // For the tab that asked, which listens for itself.
    case 'heard':
      return;
    default:
      message satisfies never;
  }
}

function beginFollowing(run: RunState): void {
  const { elsewhere } = tabsStore.getState();
  const isLive = elsewhere?.isLive ?? runStore.getState().phase === null;
  tabsStore.setState({ elsewhere: { name: run.start?.name ?? '', isLive } });
  ending = null;
  if (isLive) runStore.setState(run, true);
  if (!elsewhere) void noticeEnd();
}

function follow(event: TrainerEvent): void {
  const { elsewhere } = tabsStore.getState();
  if (!elsewhere) return;
  if (event.kind === 'run-started') tabsStore.setState({ elsewhere: { ...elsewhere, name: event.name } });
  if (elsewhere.isLive) receiveRunEvent(event);
}

const lastWordWithinMs = 1000;

/** The lock is free when the other tab's run is over, and also when that tab is gone. */
async function noticeEnd(): Promise<void> {
  if (!('locks' in navigator)) return;
  watching = new AbortController();
  const { signal } = watching;
  const isFree = await navigator.locks.request(lockName, { signal }, () => true).catch(() => false);
  // Locks and messages take different ways: the other tab's last word may come a moment after its lock.
  if (isFree && ending === null) await new Promise((resolve) => setTimeout(resolve, lastWordWithinMs));
  const name = tabsStore.getState().elsewhere?.name;
  if (!isFree || signal.aborted) return;
  leaveOtherTab();
  if (ending === 'moved') return;
  const run = name ? `The run ${name}` : 'A run';
  addNotice(
    ending === 'over' ? `${run} is over in the other tab. Its results are there.` : `${run} was cut off: its tab was closed.`,
  );
}

/** Back to this tab's own; what was shown of the other's run goes. */
export function leaveOtherTab(): void {
  const { elsewhere } = tabsStore.getState();
  watching.abort();
  tabsStore.setState({ elsewhere: null });
  if (elsewhere?.isLive) leaveRun();
}

/** Gives this tab's run away from now on where another asks for it. */
export function answerTakeOver(how: HandingOver): void {
  handing = how;
}

async function answer(to: string, { save, letGo }: HandingOver): Promise<void> {
  tell({ kind: 'heard', to });
  const handed = await save();
  ending = 'moved';
  isGivenAway = true;
  tell({ kind: 'handed-over', to, handed });
  letGo();
}

const heardWithinMs = 5_000;
const handedWithinMs = 40_000;

/** Asks the tab that trains for its run; null where it does not answer. */
export function askForRun(): Promise<HandedOver | null> {
  const asking = channel;
  if (!asking) return Promise.resolve(null);
  const to = crypto.randomUUID();
  // Its letting go is no end of the run.
  watching.abort();
  return new Promise((resolve) => {
    let timer = setTimeout(() => end(null), heardWithinMs);
    const listen = ({ data }: MessageEvent<TabMessage>) => {
      if (data.kind === 'heard' && data.to === to) {
        clearTimeout(timer);
        timer = setTimeout(() => end(null), handedWithinMs);
      }
      if (data.kind === 'handed-over' && data.to === to) end(data.handed);
    };
    const end = (handed: HandedOver | null) => {
      clearTimeout(timer);
      asking.removeEventListener('message', listen);
      resolve(handed);
    };
    asking.addEventListener('message', listen);
    tell({ kind: 'hand-over', to, untilMs: Date.now() + heardWithinMs });
  });
}

function trainsElsewhere(): TuneletError {
  return new TuneletError(
    'session/elsewhere',
    'A run is training in another tab of this page, and one at a time can.',
    'Wait for it, or take it over here.',
  );
}
