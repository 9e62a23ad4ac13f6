import type { CleaningSettings } from '../../api/cleaning';
import { TuneletError } from '../../api/errors';
import type { ModelRole } from '../../api/results';
import { cleanerOf } from '../../data/clean/cleaner';
import { joinTexts } from '../../data/textColumns';
import { probabilitiesOf } from '../../evaluation/metrics';
import type { Watch } from '../../evaluation/watch';
import type { Labelling } from '../../prediction/job';
import type { RowLabel } from '../../prediction/output';
import type { EngineRoom } from '../engine/engineRoom';
import type { RunEngine } from '../tasks/runEngine';
import type { WorkingModels } from '../run/finishedRun';

/** What is kept of a labeller, so that it can be made again. */
export type LabellerAbout = Omit<Labelling, 'request' | 'added'> & { adapter: Blob };

/** Gives texts their classes by a model that is ready or can be made so. */
export interface Labeller {
  about: LabellerAbout;
  /** Whether something else has the device, so that texts wait. */
  isWaiting(): boolean;
  /** Of each text its label, or null where it is empty, and whether it was cut. Null where `watch` ended it early. */
  label(texts: readonly string[], model: ModelRole, watch: Watch): Promise<LabelledTexts | null>;
}

export interface LabelledTexts {
  labels: (RowLabel | null)[];
  cut: boolean[];
}

/** A row's text as the model learned to read it. */
export function readText(cells: readonly string[], cleaning: CleaningSettings, joiner: string): string {
  const clean = cleanerOf(cleaning) ?? ((text: string) => text);
  return joinTexts(cells.map(clean), joiner);
}

/** Labels texts by models that hold the engine. Empty ones get none. */
export async function labelTexts(
  { inputs, baseParameters, tunedParameters }: WorkingModels,
  engine: RunEngine,
  { texts, model, watch }: { texts: readonly string[]; model: ModelRole; watch: Watch },
): Promise<LabelledTexts | null> {
  const { task, settings, labels: names } = inputs;
  if (task.name === 'text') throw noClasses();
  const filled = texts.flatMap((text, index) => (text.trim() === '' ? [] : [index]));
  const labels = texts.map((): RowLabel | null => null);
  const cut = texts.map(() => false);
  if (filled.length === 0) return { labels, cut };
  const read = task.readAll(
    filled.map((index) => texts[index] ?? ''),
    settings,
  );
  engine.executor.writeState('parameters', model === 'tuned' ? tunedParameters : baseParameters);
  const scores = await read.scores(engine, watch);
  if (scores === null) return null;
  filled.forEach((index, at) => {
    const probabilities = probabilitiesOf(scores, names.length, at);
    labels[index] = { label: likeliest(probabilities), probabilities };
    cut[index] = read.cut[at] ?? false;
  });
  return { labels, cut };
}

interface Stoppable {
  model: ModelRole;
  watch: Watch;
  signal: AbortSignal;
}

/** As `Labeller.label`. Null at once where it is stopped before its turn has come: a run on the device may take hours. */
export function labelledUnlessStopped(
  labeller: Labeller,
  texts: readonly string[],
  { model, watch, signal }: Stoppable,
): Promise<LabelledTexts | null> {
  let hasBegun = false;
  const proceed = (): boolean | Promise<boolean> => {
    hasBegun = true;
    return watch.proceed();
  };
  return new Promise((resolve, reject) => {
    const stop = (): void => void (!hasBegun && resolve(null));
    signal.addEventListener('abort', stop);
    const done = labeller.label(texts, model, { ...watch, proceed }).then(resolve, reject);
    void done.finally(() => signal.removeEventListener('abort', stop));
  });
}

/** The engine with these models' programs; made ready again where others have taken their place. */
export async function readyEngine(run: WorkingModels, room: EngineRoom): Promise<RunEngine> {
  const { model, planned } = run.inputs;
  if (!room.holds(run.engine)) run.engine = await room.prepare({ model, planned });
  return run.engine;
}

function likeliest(probabilities: Float64Array): number {
  return probabilities.reduce((best, value, index) => (value > (probabilities[best] ?? 0) ? index : best), 0);
}

/** A model of plain text has nothing to label by. */
export function noClasses(): TuneletError {
  return new TuneletError(
    'run/not-ready',
    'This run learned plain text, so it has no classes to label a file with.',
    'Let it write on Results, or train a classifier: a dataset with labels, and the task “head” or “prompt”.',
  );
}
