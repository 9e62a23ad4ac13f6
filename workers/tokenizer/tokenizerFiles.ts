import { TuneletError } from '../api/errors';
import { isKnownExpression } from './expressions';

/** Texts of the files, as a model's folder has them. */
export type TokenizerFiles =
  { tokenizerJson: string; tokenizerConfig?: string } | { vocabJson: string; mergesTxt: string; tokenizerConfig?: string };

export interface TokenizerConfig {
  endOfText: string | null;
  beginOfText: string | null;
  /** Jinja; the one named “default” where there are several. */
  chatTemplate: string | null;
  /** Whether decoding takes spaces before punctuation out; transformers' default is no. */
  cleanUp: boolean;
  raw: object;
}

/** The largest tokenizer.json in use is about half of this. */
export const largestTokenizerCharacters = 64 * 1024 * 1024;
const LARGEST_VOCABULARY = 1_000_000;
const MOST_ADDED_TOKENS = 100_000;
const DEEPEST_NESTING = 32;
const END_OF_TEXT = '<|endoftext|>';

/** A tokenizer.json whose sizes are checked, for the library. Throws model/bad-tokenizer. */
export function parseTokenizerJson(text: string): object {
  const json = parseObject(text, 'tokenizer.json');
  const model = json['model'];
  if (!isRecord(model)) throw bad('tokenizer.json has no “model”.');
  for (const part of ['normalizer', 'pre_tokenizer', 'post_processor', 'decoder']) {
    const value = json[part] ?? null;
    if (value !== null && !isRecord(value)) throw bad(`“${part}” in tokenizer.json is neither an object nor null.`);
    json[part] = value;
    checkExpressions(value, part);
  }
  checkVocabulary(model['vocab']);
  if (model['merges'] !== undefined) checkMerges(model['merges']);
  json['added_tokens'] = checkedAddedTokens(json['added_tokens'] ?? []);
  return json;
}

/** The tokenizer.json that GPT-2's vocab.json and merges.txt stand for. Throws model/bad-tokenizer. */
export function fromVocabulary({ vocabJson, mergesTxt }: { vocabJson: string; mergesTxt: string }): object {
  const vocab = parseObject(vocabJson, 'vocab.json');
  checkVocabulary(vocab);
  if (mergesTxt.length > largestTokenizerCharacters) throw tooLarge('merges.txt', mergesTxt.length);
  const merges = mergesTxt
    .split(/\r?\n/)
    .filter((line, index) => line !== '' && !(index === 0 && line.startsWith('#version')))
    .map((line) => line.split(' '));
  checkMerges(merges);
  const endOfText = vocab[END_OF_TEXT];
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    added_tokens:
      typeof endOfText === 'number'
        ? [
            {
              id: endOfText,
              content: END_OF_TEXT,
              single_word: false,
              lstrip: false,
              rstrip: false,
              normalized: false,
              special: true,
            },
          ]
        : [],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      byte_fallback: false,
      vocab,
      merges,
    },
  };
}

/** Throws model/bad-tokenizer where tokenizer_config.json is no JSON object. */
export function parseTokenizerConfig(text: string | undefined): TokenizerConfig {
  const raw = text === undefined ? {} : parseObject(text, 'tokenizer_config.json');
  return {
    endOfText: tokenIn(raw, 'eos_token'),
    beginOfText: tokenIn(raw, 'bos_token'),
    chatTemplate: chatTemplateIn(raw['chat_template']),
    cleanUp: raw['clean_up_tokenization_spaces'] === true,
    raw,
  };
}

/** A token's text, given as such or as an object. */
function tokenIn(raw: Record<string, unknown>, key: string): string | null {
  const token = raw[key];
  const content = isRecord(token) ? token['content'] : token;
  return typeof content === 'string' ? content : null;
}

function chatTemplateIn(value: unknown): string | null {
  if (typeof value === 'string') return value;
  const named: unknown = Array.isArray(value) ? value.find((entry) => isRecord(entry) && entry['name'] === 'default') : null;
  return isRecord(named) && typeof named['template'] === 'string' ? named['template'] : null;
}

function parseObject(text: string, file: string): Record<string, unknown> {
  if (text.length > largestTokenizerCharacters) throw tooLarge(file, text.length);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (thrown) {
    throw bad(`${file} is not JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
  if (!isRecord(parsed)) throw bad(`${file} is not a JSON object.`);
  return parsed;
}

function checkVocabulary(vocab: unknown): void {
  const entries = Array.isArray(vocab) ? vocab.length : isRecord(vocab) ? Object.keys(vocab).length : 0;
  if (entries === 0) throw bad('It has no vocabulary.');
  if (entries > LARGEST_VOCABULARY) throw bad(`Its vocabulary has ${entries} entries; at most ${LARGEST_VOCABULARY} are read.`);
  if (Array.isArray(vocab)) {
    if (!vocab.every((entry) => Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'number')) {
      throw bad('Its vocabulary holds an entry that is not a token and a score.');
    }
    return;
  }
  for (const [token, id] of Object.entries(vocab ?? {})) checkId(token, id);
}

function checkId(token: string, id: unknown): void {
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < 2 * LARGEST_VOCABULARY) return;
  throw bad(
    `The token “${token.slice(0, 40)}” has the id ${String(id)}; ids are whole numbers from 0 to ${2 * LARGEST_VOCABULARY - 1}.`,
  );
}

function checkMerges(merges: unknown): void {
  if (!Array.isArray(merges)) throw bad('Its merges are not a list.');
  if (merges.length > LARGEST_VOCABULARY) throw bad(`It has ${merges.length} merges; at most ${LARGEST_VOCABULARY} are read.`);
  const index = merges.findIndex((merge: unknown) => {
    const parts: unknown[] = typeof merge === 'string' ? merge.split(' ') : Array.isArray(merge) ? merge : [];
    return parts.length !== 2 || !parts.every((part) => typeof part === 'string' && part !== '');
  });
  if (index >= 0) throw bad(`Merge ${index + 1} is not a pair of tokens.`);
}

function checkedAddedTokens(tokens: unknown): unknown[] {
  if (!Array.isArray(tokens)) throw bad('Its added tokens are not a list.');
  if (tokens.length > MOST_ADDED_TOKENS)
    throw bad(`It has ${tokens.length} added tokens; at most ${MOST_ADDED_TOKENS} are read.`);
  return tokens.map((token: unknown) => {
    if (!isRecord(token) || typeof token['content'] !== 'string' || token['content'] === '')
      throw bad('An added token has no content.');
    checkId(token['content'], token['id']);
    return token;
  });
}

/** Throws for an expression that no known tokenizer has; see `expressions.ts`. */
function checkExpressions(value: unknown, part: string, depth = 0): void {
  if (depth > DEEPEST_NESTING) throw bad(`Its “${part}” is nested more than ${DEEPEST_NESTING} levels deep.`);
  if (Array.isArray(value)) value.forEach((item) => checkExpressions(item, part, depth + 1));
  else if (isRecord(value)) {
    const expression = value['Regex'];
    if (expression !== undefined && (typeof expression !== 'string' || !isKnownExpression(expression)))
      throw unknownExpression(part, typeof expression === 'string' ? expression : JSON.stringify(expression));
    Object.values(value).forEach((item) => checkExpressions(item, part, depth + 1));
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tooLarge(file: string, characters: number): TuneletError {
  return bad(
    `${file} has ${characters.toLocaleString('en')} characters; at most ${largestTokenizerCharacters.toLocaleString('en')} are read.`,
  );
}

function bad(problem: string): TuneletError {
  return new TuneletError(
    'model/bad-tokenizer',
    `Reading the tokenizer failed. ${problem}`,
    'Use the tokenizer files that belong to the model, unchanged.',
  );
}

function unknownExpression(part: string, expression: string): TuneletError {
  const start = expression.slice(0, 80);
  return new TuneletError(
    'model/bad-tokenizer',
    `The tokenizer’s “${part}” has an expression of ${expression.length} characters that no known tokenizer has: ${start}${expression.length > 80 ? '…' : ''}`,
    'An unknown expression could stall the page, so only those of GPT-2, Llama, Mistral and Qwen tokenizers are run. Choose another model, or the tokenizer that its base model came with.',
    { part, expression: start },
  );
}
