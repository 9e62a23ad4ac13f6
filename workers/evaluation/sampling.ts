import { createRandom, randomStreams } from '../data/random';

/** How the next token is chosen; names and order of steps are those of transformers' `generate`. */
export interface SamplingSettings {
  /** False: always the likeliest token. */
  doSample: boolean;
  temperature: number;
  /** Only the so many likeliest tokens; 0: all. */
  topK: number;
  /** Only the likeliest tokens that together reach this probability; 1: all. */
  topP: number;
  /** Above 1: tokens that stand in prompt or answer become less likely (Keskar et al. 2019). */
  repetitionPenalty: number;
  seed: number;
}

export const greedy: SamplingSettings = { doSample: false, temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, seed: 0 };

/**
 * Chooses tokens of one text. The steps are those of transformers: repetition penalty; then, where tokens are drawn, temperature,
 * top-k and top-p on what is left. The draw itself is seeded by the text's number, so a text's tokens do not depend on its batch.
 */
export class Sampler {
  private readonly settings: SamplingSettings;
  private readonly random: () => number;

  /** Throws a RangeError for settings that make no sense. */
  constructor(settings: SamplingSettings, text: number) {
    requireSensible(settings);
    this.settings = settings;
    this.random = createRandom(settings.seed, randomStreams.generation, text);
  }

  /** The next token after `before`; logits (vocabulary) are not changed. */
  next(logits: Float32Array, before: Iterable<number>): number {
    const { repetitionPenalty, doSample, temperature, topK, topP } = this.settings;
    const scores = Float64Array.from(logits);
    if (repetitionPenalty !== 1) penalise(scores, before, repetitionPenalty);
    if (!doSample) return indexOfHighest(scores);
    for (let token = 0; token < scores.length; token++) scores[token]! /= temperature;
    let kept = topK > 0 && topK < scores.length ? highest(scores, topK) : Array.from(scores, (_, token) => token);
    const probabilities = softmax(kept.map((token) => scores[token]!));
    let shares = new Map(kept.map((token, index) => [token, probabilities[index]!]));
    if (topP < 1) {
      kept = nucleus(kept, shares, topP);
      const total = kept.reduce((sum, token) => sum + shares.get(token)!, 0);
      shares = new Map(kept.map((token) => [token, shares.get(token)! / total]));
    }
    return draw(kept, shares, this.random() / 2 ** 32);
  }
}

function requireSensible({ doSample, temperature, topK, topP, repetitionPenalty }: SamplingSettings): void {
  const rules: readonly [boolean, string][] = [
    [!doSample || (temperature > 0 && Number.isFinite(temperature)), `temperature is ${temperature}; it must be above 0.`],
    [Number.isInteger(topK) && topK >= 0, `top_k is ${topK}; it must be a whole number from 0.`],
    [topP > 0 && topP <= 1, `top_p is ${topP}; it must be above 0 and at most 1.`],
    [repetitionPenalty > 0, `repetition_penalty is ${repetitionPenalty}; it must be above 0.`],
  ];
  for (const [holds, message] of rules) if (!holds) throw new RangeError(message);
}

function penalise(scores: Float64Array, before: Iterable<number>, penalty: number): void {
  for (const token of new Set(before)) {
    const score = scores[token];
    if (score !== undefined) scores[token] = score < 0 ? score * penalty : score / penalty;
  }
}

/** The first of the highest. */
export function indexOfHighest(scores: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < scores.length; index++) if (scores[index]! > scores[best]!) best = index;
  return best;
}

/** Indices of the `count` highest, and of all that equal the last of them. */
function highest(scores: Float64Array, count: number): number[] {
  const least = scores.toSorted()[scores.length - count]!;
  return Array.from(scores, (_, token) => token).filter((token) => scores[token]! >= least);
}

/** Drops the least likely tokens that together have 1 - topP at most. */
function nucleus(tokens: readonly number[], shares: ReadonlyMap<number, number>, topP: number): number[] {
  const rising = [...tokens].sort((a, b) => shares.get(a)! - shares.get(b)! || b - a);
  let sum = 0;
  const dropped = rising.findIndex((token, index) => {
    sum += shares.get(token)!;
    return sum > 1 - topP || index === rising.length - 1;
  });
  const kept = new Set(rising.slice(dropped));
  return tokens.filter((token) => kept.has(token));
}

function softmax(scores: readonly number[]): number[] {
  const top = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  const powers = scores.map((score) => Math.exp(score - top));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** The token at which the running sum of shares passes `point`, from 0 to 1. */
function draw(tokens: readonly number[], shares: ReadonlyMap<number, number>, point: number): number {
  let sum = 0;
  for (const token of tokens) {
    sum += shares.get(token)!;
    if (point < sum) return token;
  }
  return tokens.at(-1)!;
}
