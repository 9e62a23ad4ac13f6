import { TuneletError } from '../../api/errors';
import type { TrainerEvent } from '../../api/events';
import type { GeneratedAnswer, Generation, GenerationRequest, ModelRole } from '../../api/results';
import type { TextsUnderWay } from '../../evaluation/generation';
import type { TextTokenizer } from '../../tokenizer/tokenizer';
import type { EngineRoom } from '../engine/engineRoom';
import { mostNewTokens, stopIdsOf } from '../tasks/generationPlan';
import type { Working } from './outcome';
import { cleanedText, engineOf } from './predict';

interface Surroundings {
  signal: AbortSignal;
  emit: (event: TrainerEvent) => void;
}

/**
 * Both models after the same prompt, taking turns token by token; where the cache has room for one text alone, the tuned model follows the
 * base model. With a seed both draw alike.
 */
export async function generate(
  outcome: Working,
  room: EngineRoom,
  request: GenerationRequest,
  { signal, emit }: Surroundings,
): Promise<Generation> {
  requireSensible(request);
  const { run } = outcome;
  const { model, task } = run.inputs;
  const prompt = task.prompt(cleanedText(outcome.result.preparation, request.text));
  const { executor, generator } = await engineOf(outcome, room);
  if (prompt === null || generator === null) {
    throw new TuneletError('run/not-ready', 'This run trained a classification head, which writes nothing.', 'Train by prompt.');
  }
  const settings = { ...request, stopIds: stopIdsOf(model) };
  const takesTurns = generator.places > 1;
  const start = performance.now();
  const writer = (role: ModelRole, place: number, parameters: Float32Array): Writer =>
    new Writer(generator.begin([prompt], settings, [place]), model.tokenizer, {
      before: () => executor.writeState('parameters', parameters),
      written: (written) => emit({ kind: 'generated', model: role, ...written }),
    });
  const base = writer('base', 0, run.baseParameters);
  const tuned = writer('tuned', takesTurns ? 1 : 0, run.tunedParameters);
  for (const turn of takesTurns ? [[base, tuned]] : [[base], [tuned]]) {
    while (!signal.aborted && turn.some(({ isDone }) => !isDone)) {
      for (const each of turn) if (!each.isDone && !signal.aborted) await each.advance(start);
    }
  }
  return { base: base.answer, tuned: tuned.answer, promptTokens: prompt.length, elapsedMs: performance.now() - start };
}

type Written = Omit<GeneratedAnswer, 'ended'>;

interface WriterHooks {
  /** Called before each run of the model: the other may have had the executor. */
  before: () => void;
  /** Called after each token. */
  written: (written: Written) => void;
}

/** One model's answer under way. */
class Writer {
  private readonly texts: TextsUnderWay;
  private readonly tokenizer: Pick<TextTokenizer, 'decode'>;
  private readonly hooks: WriterHooks;
  private readonly ids: number[] = [];
  private elapsedMs = 0;

  constructor(texts: TextsUnderWay, tokenizer: Pick<TextTokenizer, 'decode'>, hooks: WriterHooks) {
    this.texts = texts;
    this.tokenizer = tokenizer;
    this.hooks = hooks;
  }

  get isDone(): boolean {
    return this.texts.areDone;
  }

  get answer(): GeneratedAnswer {
    return { ...this.written, ended: this.texts.results[0]?.ended ?? 'cancelled' };
  }

  /** @param start when both began, as `performance.now()` */
  async advance(start: number): Promise<void> {
    this.hooks.before();
    const { length } = this.ids;
    await this.texts.advance((_, id) => this.ids.push(id));
    this.elapsedMs = performance.now() - start;
    if (this.ids.length > length) this.hooks.written(this.written);
  }

  private get written(): Written {
    return { text: this.tokenizer.decode(this.ids), tokens: this.ids.length, elapsedMs: this.elapsedMs };
  }
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
