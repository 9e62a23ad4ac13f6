import type { ModelSource } from '../../workers/api/model';
import type { KeptRun } from '../../workers/api/runs';
import type { Archive } from '../../workers/api/trainerApi';
import { trainer } from '../client/trainerClient';
import { chooseModel, continueFromRun } from './commands';
import { attemptOnRuns, chosenRuns, keptRunsStore, takeRuns } from './keptRuns';
import { goTo, goToPart } from './place';
import { showResult } from './runStore';
import { announce, sessionStore } from './session';
import { takeSettings } from './settings';

/** Shows what a kept run came to, or how it went; with one of the place's parts in view. */
export async function openRun(
  { id, number }: KeptRun,
  place: 'results' | 'run' = 'results',
  part: string | null = null,
): Promise<void> {
  await attemptOnRuns(id, async () => {
    const course = await trainer().courseOfRun(id);
    showResult(await trainer().openRun(id), course);
    keptRunsStore.setState({ shown: { id, number } });
    if (part === null) goTo(place);
    else goToPart(part, place);
  });
}

export async function renameRun(id: string, name: string): Promise<void> {
  await attemptOnRuns(id, async () => takeRuns(await trainer().renameRun(id, name)));
}

export async function deleteRun(id: string, name: string): Promise<void> {
  await attemptOnRuns(id, async () => {
    takeRuns(await trainer().deleteRun(id));
    announce(`${name} is deleted.`);
  });
}

/** The adapter of a run, as a download of it gives it; null where that failed. */
export async function adapterOfRun(id: string): Promise<Archive | null> {
  return attemptOnRuns(id, () => trainer().adapterOfRun(id));
}

/** All runs as one file; null where that failed. */
export async function exportRuns(): Promise<Archive | null> {
  const ids = keptRunsStore.getState().kept?.runs.map(({ id }) => id) ?? [];
  return attemptOnRuns('export', () => trainer().exportRuns(ids));
}

export async function importRuns(file: File): Promise<void> {
  await attemptOnRuns('import', async () => {
    const { added, known } = await trainer().importRuns(file);
    takeRuns(await trainer().listRuns());
    announce(`${runWords(added)} imported${known > 0 ? `, ${runWords(known)} known already` : ''}.`);
  });
}

/** Settings, model and adapter of a run in Prepare, from where it is trained further. */
export async function continueFrom(run: KeptRun): Promise<void> {
  await attemptOnRuns(run.id, async () => {
    const source = sourceOf(run);
    if (source && !isChosen(run)) await chooseModel(source);
    await continueFromRun(run.id);
    if (sessionStore.getState().adapterError === null) takeSettings(run.settings);
    goToPart('adapter');
  });
}

/** Files of a model are not kept, so that such a one must be dropped again. */
function sourceOf({ model: { name, source, revision, file } }: KeptRun): ModelSource | null {
  if (source === 'embedded') return { kind: 'embedded' };
  if (source === 'files') return null;
  return { kind: 'hub', id: name, ...(revision !== null && { revision }), ...(file !== null && { file }) };
}

function isChosen({ model: wanted }: KeptRun): boolean {
  const { model } = sessionStore.getState();
  return model !== null && model.name === wanted.name && model.revision === wanted.revision;
}

/** Takes a run into the comparison, or out of it; of three the first chosen goes. */
export async function toggleChosen(id: string): Promise<void> {
  const { chosen } = keptRunsStore.getState();
  const next = chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id].slice(-2);
  keptRunsStore.setState({ chosen: next });
  await compareChosen();
}

/** A is the newer one, B the older. */
async function compareChosen(): Promise<void> {
  const [a, b] = chosenRuns(keptRunsStore.getState());
  keptRunsStore.setState({ comparison: null });
  if (!a || !b) return;
  await attemptOnRuns(null, async () => {
    const found = await trainer().compareRuns(a.id, b.id);
    const [nowA, nowB] = chosenRuns(keptRunsStore.getState());
    if (nowA?.id === a.id && nowB?.id === b.id) keptRunsStore.setState({ comparison: { a: a.id, b: b.id, found } });
  });
}

function runWords(count: number): string {
  return count === 1 ? '1 run' : `${count} runs`;
}
