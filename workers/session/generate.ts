import { TuneletError } from '../api/errors';
import type { TrainerEvent } from '../api/events';
import type { GeneratedAnswer, Generation, GenerationRequest, ModelRole } from '../api/results';
import type { EngineRoom } from './engineRoom';
import { engineOf, type Outcome } from './outcome';
import { mostNewTokens, stopIdsOf } from './generationPlan';

interface Surroundings {
  signal: AbortSignal;
  emit: (event: TrainerEvent) => void;
}

/** Both models after the same prompt, the base model first; with a seed they draw alike. */
export async function generate(
  outcome: Outcome,
  room: EngineRoom,
  request: GenerationRequest,
  { signal, emit }: Surroundings,
): Promise<Generation> {
  requireSensible(request);
  const { run } = outcome;
  const { model, task } = run.inputs;
  const prompt = task.prompt(request.text);
  const { executor, generator } = await engineOf(outcome, room);
  if (prompt === null || generator === null) {
    throw new TuneletError('run/not-ready', 'This run trained a classification head, which writes nothing.', 'Train by prompt.');
  }
  const stopIds = stopIdsOf(model);
  const start = performance.now();
  const write = async (role: ModelRole, parameters: Float32Array): Promise<GeneratedAnswer> => {
    executor.writeState('parameters', parameters);
    const ids: number[] = [];
    const onToken = (_: number, id: number): void => {
      ids.push(id);
      emit({ kind: 'generated', model: role, text: model.tokenizer.decode(ids), tokens: ids.length });
    };
    const [text] = await generator.generate([prompt], { ...request, stopIds }, { signal, onToken });
    return { text: model.tokenizer.decode(ids), tokens: ids.length, ended: text?.ended ?? 'cancelled' };
  };
  const base = await write('base', run.baseParameters);
  const tuned = await write('tuned', run.tunedParameters);
  return { base, tuned, promptTokens: prompt.length, elapsedMs: performance.now() - start };
}

function requireSensible({ maxNewTokens, doSample, temperature, topK, topP, repetitionPenalty, seed }: GenerationRequest): void {
  const rules: readonly [boolean, string][] = [
    [within(maxNewTokens, 1, mostNewTokens) && Number.isInteger(maxNewTokens), `max_new_tokens is ${maxNewTokens}. Enter a whole number from 1 to ${mostNewTokens}.`],
    [!doSample || within(temperature, 0.01, 100), `temperature is ${temperature}. Enter a number from 0.01 to 100.`],
    [within(topK, 0, 1e9) && Number.isInteger(topK), `top_k is ${topK}. Enter a whole number from 0.`],
    [within(topP, 1e-6, 1), `top_p is ${topP}. Enter a number above 0 and at most 1.`],
    [within(repetitionPenalty, 0.01, 100), `repetition_penalty is ${repetitionPenalty}. Enter a number from 0.01 to 100.`],
    [within(seed, 0, 2 ** 32 - 1) && Number.isInteger(seed), `seed is ${seed}. Enter a whole number from 0 to 4294967295.`],
  ]; // prettier-ignore
  const broken = rules.find(([holds]) => !holds);
  if (broken) throw new TuneletError('settings/invalid', broken[1], 'Correct it and let the models write again.');
}

function within(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
