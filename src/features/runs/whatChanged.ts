import { toCleaningNames } from '../../../workers/api/cleaning';
import { hyperparameters } from '../../../workers/api/hyperparameters';
import type { KeptRun } from '../../../workers/api/runs';
import { settingDifferences, settingWords } from '../../../workers/api/settingDifferences';
import { formatCount } from '../../ui/format';

/** What tells a run from the one before it: a value that is another, or words. `before` null: there is none. */
export type Change = { kind: 'value'; name: string; before: string | null; after: string } | { kind: 'words'; words: string };

/** `before` null: the first run that is kept. `all`: those in which the one that it was continued from is looked for. */
export function whatChanged(run: KeptRun, before: KeptRun | null, all: readonly KeptRun[] = []): Change[] {
  const changes = before ? differences(before, run) : firstRun(run);
  if (run.origin === 'import') return [words('Imported adapter, evaluated'), ...changes.filter(isOfData)];
  if (run.origin === 'continued') changes.push(words(`continued from ${sourceWords(run, all)}`));
  if (run.stopped) changes.push(words(`stopped at step ${formatCount(run.steps)} of ${formatCount(run.totalSteps)} and kept`));
  if (run.totalSteps === 0) changes.push(words('the base model alone'));
  changes.push(...jumps(run));
  changes.push(...run.notices.slice(0, 1).map((notice) => words(firstSentence(notice))));
  return changes.length === 0 && before ? [words(`As run ${before.number}`)] : changes;
}

const dataNames = ['model', 'dataset'];

function isOfData(change: Change): boolean {
  return change.kind === 'value' && dataNames.includes(change.name);
}

function firstRun(run: KeptRun): Change[] {
  const own = run.changed.map((key): Change => {
    const name = hyperparameters.find((entry) => entry.key === key)?.name ?? key;
    return { kind: 'value', name, before: null, after: settingWords(run.settings, key) };
  });
  return [words(`First run: ${run.model.name}${own.length === 0 ? ', defaults' : ''}`), ...own];
}

/** Model and data first, as they explain the rest. */
export function differences(before: KeptRun, after: KeptRun): Change[] {
  const changes: Change[] = [];
  const changed = (name: string, old: string, now: string): void => {
    if (old !== now) changes.push({ kind: 'value', name, before: old, after: now });
  };
  changed('model', modelWords(before), modelWords(after));
  changed('dataset', before.dataset.name, after.dataset.name);
  const [old, now] = [before.preparation, after.preparation];
  if (before.dataset.name === after.dataset.name) {
    changed('text_column', old.mapping.text, now.mapping.text);
    changed('label_column', old.mapping.label || 'none', now.mapping.label || 'none');
  }
  const [cleanedBefore, cleaned] = [toCleaningNames(old.cleaning), toCleaningNames(now.cleaning)];
  for (const name of new Set([...Object.keys(cleanedBefore), ...Object.keys(cleaned)]))
    changed(name, stepWords(cleanedBefore, name), stepWords(cleaned, name));
  const isOtherData = changes.some(({ kind }) => kind === 'value');
  if (!isOtherData && before.dataset.hash !== after.dataset.hash) changes.push(words('other rows'));
  if (JSON.stringify(old.split) !== JSON.stringify(now.split) && before.dataset.name === after.dataset.name)
    changes.push(words('another split'));
  return [
    ...changes,
    ...settingDifferences(before.settings, after.settings).map(({ name, before: was, after: is }): Change => ({
      kind: 'value',
      name,
      before: was,
      after: is,
    })),
  ];
}

function stepWords(names: Record<string, unknown>, name: string): string {
  const value = Object.hasOwn(names, name) ? names[name] : false;
  return value === true ? 'on' : value === false ? 'off' : String(value);
}

/** The owner of a hub's repository and the folder of a file say little beside the name. */
export function modelWords({ model: { name, file } }: Pick<KeptRun, 'model'>): string {
  const short = name.split('/').at(-1) ?? name;
  return file === null ? short : `${short} ${file.split('/').at(-1) ?? file}`;
}

function sourceWords({ continuedFrom }: KeptRun, all: readonly KeptRun[]): string {
  if (continuedFrom === undefined) return 'an adapter';
  const source = all.find(({ id }) => id === continuedFrom);
  return source ? `run ${source.number}` : 'a run since deleted';
}

function jumps({ marks = [] }: KeptRun): Change[] {
  const [first, ...more] = marks.filter(({ kind }) => kind === 'loss-spike');
  if (!first) return [];
  const at = `at step ${formatCount(first.step)}`;
  return [words(more.length === 0 ? `loss jumped ${at}` : `loss jumped ${formatCount(1 + more.length)} times, first ${at}`)];
}

function firstSentence(notice: string): string {
  const end = notice.search(/\.\s/);
  const sentence = (end < 0 ? notice : notice.slice(0, end)).replace(/\.$/, '');
  return sentence.length > 90 ? `${sentence.slice(0, 88).trimEnd()}…` : sentence;
}

function words(text: string): Change {
  return { kind: 'words', words: text };
}

/** Runs whose figures can stand beside this one's: of as many texts of the same data, whichever way their answers are read. */
export function areComparable(one: KeptRun, other: KeptRun): boolean {
  const [a, b] = [one.figures, other.figures];
  if (a.kind !== b.kind || one.dataset.hash !== other.dataset.hash || a.split !== b.split) return false;
  return a.kind === 'text' || (b.kind === 'classes' && a.count === b.count);
}

/** The best of the runs that can stand beside the newest one; null where that is the only one. `runs`: the newest first. */
export function bestRun(runs: readonly KeptRun[]): string | null {
  const [newest] = runs;
  const beside = newest ? runs.filter((run) => areComparable(run, newest)) : [];
  if (beside.length < 2) return null;
  // Of equals the earlier one: the later has not bettered it.
  return beside.toReversed().reduce((best, run) => (merit(run) > merit(best) ? run : best)).id;
}

function merit({ figures }: KeptRun): number {
  return figures.kind === 'text' ? -figures.tuned.loss : figures.tuned.accuracy;
}

/** "Today 14:02", "Yesterday 9:30", "12 Nov", "12 Nov 2025", in the browser's time. */
export function startedWords(startedAt: number, now: number): string {
  const [started, today] = [new Date(startedAt), new Date(now)];
  const days = Math.round((dayOf(today) - dayOf(started)) / 86_400_000);
  const time = `${started.getHours()}:${String(started.getMinutes()).padStart(2, '0')}`;
  if (days === 0) return `Today ${time}`;
  if (days === 1) return `Yesterday ${time}`;
  const isThisYear = started.getFullYear() === today.getFullYear();
  return started.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...(!isThisYear && { year: 'numeric' }) });
}

function dayOf(date: Date): number {
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
}
