import { parseJson } from '../api/parseJson';
import { badTokenizer } from './badTokenizer';
import { isRecord } from '../api/isRecord';
import { checkParts } from './tokenizerParts';
import { checkVocabulary } from './vocabulary';

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
/** The library compares each with all before it; the most in use are some hundred. */
const MOST_SPECIAL_TOKENS = 1000;
const END_OF_TEXT = '<|endoftext|>';

/** A tokenizer.json whose sizes are checked, for the library. Throws model/bad-tokenizer. */
export function parseTokenizerJson(text: string): object {
  const json = parseObject(text, 'tokenizer.json');
  const model = json['model'];
  if (!isRecord(model)) throw badTokenizer('tokenizer.json has no “model”.');
  checkParts(json);
  json['added_tokens'] = checkVocabulary(model, json['added_tokens'] ?? []);
  return json;
}

/** The tokenizer.json that GPT-2's vocab.json and merges.txt stand for. Throws model/bad-tokenizer. */
export function fromVocabulary({ vocabJson, mergesTxt }: { vocabJson: string; mergesTxt: string }): object {
  const vocab = parseObject(vocabJson, 'vocab.json');
  if (mergesTxt.length > largestTokenizerCharacters) throw tooLong('merges.txt', mergesTxt.length);
  const merges = mergesTxt
    .split(/\r?\n/)
    .filter((line, index) => line !== '' && !(index === 0 && line.startsWith('#version')))
    .map((line) => line.split(' '));
  checkVocabulary({ type: 'BPE', vocab, merges }, []);
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
  checkSpecialTokens(raw['additional_special_tokens']);
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
  if (text.length > largestTokenizerCharacters) throw tooLong(file, text.length);
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch (thrown) {
    throw badTokenizer(`${file} is not JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
  if (!isRecord(parsed)) throw badTokenizer(`${file} is not a JSON object.`);
  return parsed;
}

/** Throws for a list that would take the library for ever. */
function checkSpecialTokens(tokens: unknown): void {
  if (Array.isArray(tokens) && tokens.length > MOST_SPECIAL_TOKENS) {
    throw badTokenizer(
      `tokenizer_config.json has ${tokens.length} additional special tokens; at most ${MOST_SPECIAL_TOKENS} are read.`,
    );
  }
}

function tooLong(file: string, characters: number): Error {
  return badTokenizer(
    `${file} has ${characters.toLocaleString('en')} characters; at most ${largestTokenizerCharacters.toLocaleString('en')} are read.`,
  );
}
