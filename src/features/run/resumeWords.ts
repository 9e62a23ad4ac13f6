import type { ResumableRun } from '../../../workers/api/resumable';
import type { RunState } from '../../state/run';
import type { SeenStep } from '../../state/resume';
import { formatCount } from '../../ui/format';

/** "14:06", with the day where it is not today; `nowMs` tells which day that is. */
export function clockTime(atMs: number, nowMs = Date.now()): string {
  const at = new Date(atMs);
  const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (at.toDateString() === new Date(nowMs).toDateString()) return time;
  return `${time} on ${at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long' })}`;
}

/** "14:06:12". */
export function clockSeconds(atMs: number): string {
  return new Date(atMs).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

/** What the card of an unfinished run says; `isReading`: its data or model may be on their way back. */
export function resumeWords(
  run: ResumableRun,
  seen: SeenStep | null,
  isReading: boolean,
  nowMs = Date.now(),
): { title: string; words: string } {
  const left = clockTime(Math.max(seen?.atMs ?? 0, run.savedAtMs), nowMs);
  const title = `${run.name} was left at ${left}, saved at step ${formatCount(run.step)} of ${formatCount(run.totalSteps)}`;
  return { title, words: [problemWords(run), needWords(run, isReading)].filter(Boolean).join(' ') };
}

function problemWords({ problem }: ResumableRun): string {
  if (!problem) return '';
  const fault = problem.code === 'checkpoint/version' ? 'was saved by another version of Tunelet' : 'is damaged';
  return `Its newest checkpoint ${fault}, so it goes on from the one before.`;
}

function needWords({ missing, datasetName, modelName }: ResumableRun, isReading: boolean): string {
  if (missing.length === 0) return 'It goes on exactly as if it had not been cut off, with the settings that it began with.';
  if (isReading) return 'Its data and model are being brought back.';
  const needs = [
    ...(missing.includes('dataset') ? [`${datasetName} with the columns, cleaning and split that it began with`] : []),
    ...(missing.includes('model') ? [`the model ${modelName}`] : []),
  ];
  return `To go on it needs ${needs.join(', and ')}: choose ${needs.length === 1 && missing.includes('model') ? 'it' : 'them'} below.`;
}

/** Of a run that went on from a checkpoint: what is done again, while it is. */
export function redoneWords({ start, progress }: Pick<RunState, 'start' | 'progress'>, seen: SeenStep | null): string | null {
  const resumed = start?.resumed;
  if (!start || !resumed || !seen || seen.name !== start.name || (progress?.step ?? 0) >= seen.step) return null;
  return `The tab was closed at ${clockTime(seen.atMs)}. Steps ${formatCount(resumed.step + 1)} to ${formatCount(seen.step)} are being done again.`;
}
