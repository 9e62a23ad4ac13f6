import { Tokenizer } from '@huggingface/tokenizers';
import { expect, it } from 'vitest';
import { knownExpressions } from './expressions';

/** Runs on which an expression may go back and forth: each ends in what the run before it leads not to expect. */
const runs = [' ', '\n', ' \r', '\t ', 'A', 'a', 'Aa', '日', '\u0301', '7', '½', '-', "'s", '/', '😀'];
const ends = ['', 'x', '!', '\n', '5', 'É'];
const length = 40_000;

it.each([...knownExpressions])('%s cuts the longest runs in time that grows with them', (expression) => {
  const { pre_tokenizer: cutter } = new Tokenizer(
    {
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: { type: 'Split', pattern: { Regex: expression }, behavior: 'Isolated', invert: false },
      post_processor: null,
      decoder: null,
      model: { type: 'BPE', vocab: { a: 0 }, merges: [] },
    },
    {},
  );
  for (const run of runs) {
    for (const end of ends) {
      const text = run.repeat(length / run.length) + end;
      const startedMs = performance.now();
      const pieces = cutter!.pre_tokenize_text(text, {});
      expect(performance.now() - startedMs, JSON.stringify([run, end])).toBeLessThan(1000);
      expect(pieces.join('')).toBe(text);
    }
  }
});
