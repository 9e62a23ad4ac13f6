import { TuneletError } from '../api/errors';
import type { TextTokenizer } from '../tokenizer/tokenizer';
import type { PromptWriter } from './promptTemplate';

/** Tokens of which the last, from `answerStart` on, are to be learned. */
export interface AnsweredPrompt {
  ids: Int32Array;
  answerStart: number;
  /** The text was too long. */
  isCut: boolean;
  /** As much of the text as there is room for. */
  text: string;
}

/** One prompt with every label as its answer. */
export interface LabelledPrompt {
  /** What all answers share, up to where the model is to go on. */
  prefix: Int32Array;
  /** For each label what follows the prefix, its end included. */
  continuations: Int32Array[];
  /** The same without the end of text, where there is one: what is scored. */
  words: Int32Array[];
  /** The text was too long. */
  isCut: boolean;
  /** As much of the text as there is room for. */
  text: string;
}

type PromptTokenizer = Pick<TextTokenizer, 'encode' | 'encodePlain' | 'endOfTextId'>;

/**
 * Turns rows into tokens. Prompt and prompt with answer are tokenised whole, and the answer is what the latter has beyond the tokens
 * that both begin with. Where a token spans the border (a space that belongs to the answer's first word), it therefore counts as the
 * answer's, and the prompt ends before it: in training, scoring and generation alike. A text that is too long is cut at its
 * end until prompt and longest answer fit; an answer is never cut.
 */
export class PromptEncoder {
  private readonly tokenizer: PromptTokenizer;
  private readonly writer: PromptWriter;
  private readonly labels: readonly string[];
  private readonly maxLength: number;
  private longestAnswer: number | null = null;

  constructor(tokenizer: PromptTokenizer, writer: PromptWriter, labels: readonly string[], maxLength: number) {
    this.tokenizer = tokenizer;
    this.writer = writer;
    this.labels = labels;
    this.maxLength = maxLength;
  }

  /** Throws settings/invalid where the template alone is longer than the limit. */
  answered(text: string, label: number): AnsweredPrompt {
    const words = this.labels[label];
    if (words === undefined) throw new RangeError(`There is no label ${label}; there are ${this.labels.length}.`);
    // Room is left for the longest answer, so that a text is cut alike whatever its label is.
    this.longestAnswer ??= longestOf(this.encode('', this.labels));
    const own = this.longestAnswer;
    const {
      prefix,
      continuations,
      isCut,
      text: kept,
    } = this.fitted(text, [words], (prompt) => prompt.prefix.length + Math.max(own, longestOf(prompt)));
    const answer = continuations[0] ?? new Int32Array();
    const ids = new Int32Array(prefix.length + answer.length);
    ids.set(prefix);
    ids.set(answer, prefix.length);
    return { ids, answerStart: prefix.length, isCut, text: kept };
  }

  /** Throws settings/invalid where the template alone is longer than the limit. */
  labelled(text: string): LabelledPrompt {
    return this.fitted(text, this.labels, (prompt) => prompt.prefix.length + longestOf(prompt));
  }

  private fitted(text: string, answers: readonly string[], lengthOf: (prompt: LabelledPrompt) => number): LabelledPrompt {
    const whole = this.encode(text, answers);
    if (lengthOf(whole) <= this.maxLength) return whole;
    const characters = Array.from(text);
    let [fits, exceeds] = [0, characters.length];
    let best = this.encode('', answers);
    if (lengthOf(best) > this.maxLength) throw this.tooLong(lengthOf(best));
    while (exceeds - fits > 1) {
      const middle = Math.floor((fits + exceeds) / 2);
      const encoded = this.encode(characters.slice(0, middle).join(''), answers);
      if (lengthOf(encoded) <= this.maxLength) [fits, best] = [middle, encoded];
      else exceeds = middle;
    }
    return { ...best, isCut: true };
  }

  private encode(text: string, answers: readonly string[]): LabelledPrompt {
    const { prompt: before, answers: written } = this.writer.writeAll(text, answers);
    const prompt = this.tokens(before);
    const wholes = written.map((answer) => this.closed(this.tokens(before + answer), prompt.length));
    const shared = wholes.reduce((length, whole) => Math.min(length, sharedLength(prompt, whole)), prompt.length);
    const continuations = wholes.map((whole) => Int32Array.from(whole.slice(shared)));
    const words = continuations.map((ids) => (ids.at(-1) === this.tokenizer.endOfTextId ? ids.subarray(0, -1) : ids));
    return { prefix: Int32Array.from(prompt.slice(0, shared)), continuations, words, isCut: false, text };
  }

  /** A chat format writes special tokens itself. */
  private tokens(text: string): number[] {
    return this.writer.closesAnswers ? this.tokenizer.encodePlain(text) : this.tokenizer.encode(text);
  }

  /** Ends with the end of text: that which the chat format writes, or one of its own. What a format writes after it is left out. */
  private closed(ids: number[], promptLength: number): number[] {
    const { endOfTextId } = this.tokenizer;
    if (endOfTextId === null) return ids;
    const last = this.writer.closesAnswers ? ids.lastIndexOf(endOfTextId) : -1;
    return last < promptLength ? [...ids, endOfTextId] : ids.slice(0, last + 1);
  }

  private tooLong(length: number): TuneletError {
    return new TuneletError(
      'settings/invalid',
      `The prompt takes ${length} tokens without any text; max_length is ${this.maxLength}.`,
      'Shorten the system text or the template, or raise max_length.',
      { tokens: length, maxLength: this.maxLength },
    );
  }
}

function longestOf({ continuations }: LabelledPrompt): number {
  return continuations.reduce((longest, { length }) => Math.max(longest, length), 0);
}

function sharedLength(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
