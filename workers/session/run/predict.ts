import type { Preparation } from '../../api/dataset';
import { TuneletError } from '../../api/errors';
import type { Prediction, TypedText } from '../../api/results';
import { cleanerOf } from '../../data/clean/cleaner';
import { changePair, joinTexts } from '../../data/textColumns';
import { probabilitiesOf } from '../../evaluation/metrics';
import type { EngineRoom } from '../engine/engineRoom';
import type { RunEngine } from '../tasks/runEngine';
import type { Working } from './outcome';

/** The run's programs; made ready again where another run has taken their place. */
export async function engineOf({ run }: Working, room: EngineRoom): Promise<RunEngine> {
  const { model, planned } = run.inputs;
  if (!room.holds(run.engine)) run.engine = await room.prepare({ model, planned });
  return run.engine;
}

/** A text of the user's as the models read it: cleaned as the run's texts were, a pair joined as theirs. */
export function cleanedText({ cleaning, mapping }: Preparation, text: TypedText): string {
  const clean = cleanerOf(cleaning) ?? ((unchanged: string) => unchanged);
  const joiner = mapping.textPair?.joiner ?? '';
  return typeof text === 'string' ? changePair(text, joiner, clean) : joinTexts(text.map(clean), joiner);
}

function uncleanedText({ mapping }: Preparation, text: TypedText): string {
  return typeof text === 'string' ? text : joinTexts(text, mapping.textPair?.joiner ?? '');
}

/** Both models on one text. */
export async function predict(outcome: Working, room: EngineRoom, text: TypedText): Promise<Prediction> {
  const { run } = outcome;
  const { settings, labels, task } = run.inputs;
  if (task.name === 'text') {
    throw new TuneletError('run/not-ready', 'This run learned plain text, which has no classes.', 'Let it write.');
  }
  const engine = await engineOf(outcome, room);
  const cleaned = cleanedText(outcome.result.preparation, text);
  const read = task.read(cleaned, settings);
  const start = performance.now();
  const probabilities = async (parameters: Float32Array): Promise<Prediction['base']> => {
    engine.executor.writeState('parameters', parameters);
    const shares = probabilitiesOf(await read.scores(engine), labels.length, 0);
    return labels.map((label, index) => ({ label, probability: shares[index] ?? 0 }));
  };
  const base = await probabilities(run.baseParameters);
  const tuned = await probabilities(run.tunedParameters);
  const { tokenCount, truncated } = read;
  return {
    cleaned: cleaned === uncleanedText(outcome.result.preparation, text) ? null : cleaned,
    base,
    tuned,
    tokenCount,
    truncated,
    elapsedMs: performance.now() - start,
  };
}
