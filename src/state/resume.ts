import { createStore } from 'zustand/vanilla';
import { reportOf, type ErrorReport } from '../../workers/api/errors';
import type { ResumableRun } from '../../workers/api/resumable';
import { trainer } from '../client/trainerClient';
import { currentGrants } from './memoryLimit';
import { askToPersist } from './persistence';
import { inOrder } from './queue';
import { recall, remember } from './remembered';
import { isRunning } from './run';
import { runStore } from './runStore';
import { refuse, train } from './runCommands';
import { announce, sessionStore } from './session';
import { settled } from './settled';
import { tabsStore, trainsHere, type TurnToTrain } from './tabs';

/** How far a run was seen to come, which may be further than what is kept of it. */
export interface SeenStep {
  name: string;
  step: number;
  atMs: number;
}

export interface ResumeState {
  /** The run that was not finished; null where there is none, or one is under way. */
  run: ResumableRun | null;
  /** Why an unfinished run cannot be read. */
  error: ErrorReport | null;
  /** Where it was when its tab went. */
  seen: SeenStep | null;
}

export const resumeStore = createStore<ResumeState>(() => ({ run: null, error: null, seen: null }));

const settleMs = 200;
const seenKey = 'tunelet-last-step';
const seenEveryMs = 1000;

const look = settled(async (isWanted) => {
  if (isWanted()) await lookForRun();
}, settleMs);

/** Asks what of an unfinished run is here, now and whenever that can change; and writes down how far a run under way has come. */
export function followUnfinishedRuns(): void {
  sessionStore.subscribe((state, before) => {
    if (state.dataset !== before.dataset || state.model !== before.model) look.schedule();
  });
  tabsStore.subscribe((state, before) => {
    if (state.elsewhere === null && before.elsewhere !== null) look.schedule();
  });
  runStore.subscribe(({ phase }, before) => {
    if (phase !== before.phase && (phase === 'failed' || phase === 'finished' || phase === 'stopped')) look.schedule();
    if (phase !== before.phase && phase === 'training') resumeStore.setState({ run: null, error: null });
    noteStep();
  });
}

/** Has a run under way saved when the page may soon be frozen or gone. */
export function saveWhenHidden(): void {
  const save = () => {
    // A run that is over has nothing to save, and one that cannot save says so itself.
    if (trainsHere()) void trainer().checkpointNow().catch(() => undefined); // prettier-ignore
  };
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && save());
  document.addEventListener('freeze', save);
  addEventListener('pagehide', save);
}

/** Reads from the device what was not finished, and what it still needs. */
export async function lookForRun(): Promise<void> {
  if (sessionStore.getState().device === null || isRunning(runStore.getState())) return;
  try {
    const run = await inOrder(() => trainer().resumableRun());
    if (!isRunning(runStore.getState())) resumeStore.setState({ run, error: null, seen: run && seenOf(run) });
  } catch (thrown) {
    resumeStore.setState({ run: null, error: reportOf(thrown), seen: null });
  }
}

/** Goes on with it and shows Run; a refusal brings Prepare back. */
export async function continueRun(turn: TurnToTrain = 'if-free'): Promise<void> {
  void askToPersist();
  await train(async () => trainer().resumeRun(currentGrants()), turn);
}

export async function discardRun(): Promise<void> {
  try {
    await inOrder(() => trainer().discardRun());
    remember(seenKey, null);
    announce('The unfinished run is discarded.');
    await lookForRun();
  } catch (thrown) {
    refuse(thrown);
  }
}

let notedMs = -Infinity;

function noteStep(): void {
  const { phase, start, progress } = runStore.getState();
  if (!trainsHere() || !start || !progress || (phase !== 'training' && phase !== 'evaluating')) return;
  const nowMs = performance.now();
  if (nowMs - notedMs < seenEveryMs) return;
  notedMs = nowMs;
  remember(seenKey, JSON.stringify({ name: start.name, step: progress.step, atMs: Date.now() } satisfies SeenStep));
}

function seenOf({ name, savedAtMs }: ResumableRun): SeenStep | null {
  const seen = readSeen(recall(seenKey));
  return seen && seen.name === name && seen.atMs >= savedAtMs - seenEveryMs ? seen : null;
}

/** Null for anything but what `noteStep` writes; pure. */
export function readSeen(text: string | null): SeenStep | null {
  if (text === null || text.length > 10_000) return null;
  try {
    const seen: unknown = JSON.parse(text);
    if (typeof seen !== 'object' || seen === null || !('name' in seen) || !('step' in seen) || !('atMs' in seen)) return null;
    const { name, step, atMs } = seen;
    const isWhole = typeof name === 'string' && typeof step === 'number' && typeof atMs === 'number';
    return isWhole && Number.isFinite(step) && Number.isFinite(atMs) ? { name, step, atMs } : null;
  } catch {
    return null;
  }
}
