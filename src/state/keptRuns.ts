import { createStore } from 'zustand/vanilla';
import { reportOf, type ErrorReport } from '../../workers/api/errors';
import type { KeptRun, KeptRuns, ListedRun, RunComparison } from '../../workers/api/runs';
import { trainer } from '../client/trainerClient';

/** Runs that the device keeps, and two of them beside each other. */
export interface KeptRunsState {
  /** Null until the list was read. */
  kept: KeptRuns | null;
  /** When that was, in milliseconds since 1970: what was today then is told as today. */
  listedAt: number;
  error: ErrorReport | null;
  /** What is under way: a run's id, or 'import' and 'export'. */
  busy: string | null;
  /** Ids of the runs to compare, the first chosen first. */
  chosen: readonly string[];
  comparison: { a: string; b: string; found: RunComparison } | null;
  /** What Results shows, where it is a kept run. */
  shown: Pick<KeptRun, 'id' | 'number'> | null;
}

const nothing: KeptRunsState = { kept: null, listedAt: 0, error: null, busy: null, chosen: [], comparison: null, shown: null };

export const keptRunsStore = createStore<KeptRunsState>(() => nothing);

/** Reads the list again. */
export async function refreshRuns(): Promise<void> {
  await attemptOnRuns(null, async () => takeRuns(await trainer().listRuns()));
}

/** A run that ended just now: Results shows it. */
export function receiveKeptRun({ id, number }: KeptRun): void {
  keptRunsStore.setState({ shown: { id, number } });
  void refreshRuns();
}

/** Results will show another run, which is not kept yet and may never be. */
export function forgetShownRun(): void {
  keptRunsStore.setState({ shown: null });
}

/** In the list's order, the newest first. */
export function chosenRuns({ kept, chosen }: Pick<KeptRunsState, 'kept' | 'chosen'>): ListedRun[] {
  return kept?.runs.filter(({ id }) => chosen.includes(id)) ?? [];
}

export function dismissRunsError(): void {
  keptRunsStore.setState({ error: null });
}

/** A list that the trainer gave. */
export function takeRuns(kept: KeptRuns): void {
  const { chosen, shown } = keptRunsStore.getState();
  const ids = new Set(kept.runs.map(({ id }) => id));
  const left = chosen.filter((id) => ids.has(id));
  keptRunsStore.setState({ kept, listedAt: Date.now(), chosen: left, shown: shown && ids.has(shown.id) ? shown : null });
  if (left.length < chosen.length) keptRunsStore.setState({ comparison: null });
}

/** Says what is under way while it is, and what went wrong. */
export async function attemptOnRuns<Result>(what: string | null, act: () => Promise<Result>): Promise<Result | null> {
  keptRunsStore.setState({ busy: what, error: null });
  try {
    return await act();
  } catch (thrown) {
    keptRunsStore.setState({ error: reportOf(thrown) });
    return null;
  } finally {
    keptRunsStore.setState({ busy: null });
  }
}
