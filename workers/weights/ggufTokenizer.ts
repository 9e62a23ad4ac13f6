import { TuneletError } from '../api/errors';
import { badGguf } from '../files/gguf';
import type { GgufMetadata } from './ggufMetadata';
import { mergesOfScores, mergeWork, mostMergeWork } from './scoredMerges';
import { isRecord } from '../api/isRecord';

/** Kinds of tokens (llama.h, llama_token_type). */
export const tokenKind = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

const byteLevel = (usesRegex: boolean) => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: false,
  use_regex: usesRegex,
});
const sequence = (...pretokenizers: object[]) => ({ type: 'Sequence', pretokenizers });
const split = (expression: string) =>
  sequence({ type: 'Split', pattern: { Regex: expression }, behavior: 'Isolated', invert: false }, byteLevel(false));

interface Cutting {
  preTokenizer: object;
  /** A piece that is in the vocabulary is one token, whatever the merges say. */
  ignoresMerges?: boolean;
  /** Where the metadata do not say whether a text begins with bos. */
  addsBegin?: boolean;
}

const gpt2: Cutting = { preTokenizer: byteLevel(true) };
const smollm: Cutting = { preTokenizer: sequence({ type: 'Digits', individual_digits: true }, byteLevel(true)) };
const qwen2: Cutting = {
  preTokenizer: split(
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  ),
};
const llama3: Cutting = {
  preTokenizer: split(
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  ),
  ignoresMerges: true,
  addsBegin: true,
};
const tekken: Cutting = {
  preTokenizer: split(
    '[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
  ),
  ignoresMerges: true,
  addsBegin: true,
};

/** By `tokenizer.ggml.pre` (llama-vocab.cpp). */
const cuttings: ReadonlyMap<string, Cutting> = new Map([
  ['default', gpt2],
  ['gpt-2', gpt2],
  ['gpt2', gpt2],
  ['smollm', smollm],
  ['starcoder', smollm],
  ['refact', smollm],
  ['codeshell', smollm],
  ['llama-bpe', llama3],
  ['llama-v3', llama3],
  ['llama3', llama3],
  ['qwen2', qwen2],
  ['stablelm2', qwen2],
  ['tekken', tekken],
]);

/**
 * What llama.cpp calls the way in which a tokenizer.json cuts text, of byte-level BPE.
 * @param preTokenizer its pre_tokenizer
 * @param ignoresMerges its model's ignore_merges
 * @returns null for one without a name here
 */
export function cuttingName(preTokenizer: unknown, ignoresMerges: boolean): string | null {
  const wanted = cutsOf(preTokenizer);
  const same = ({ preTokenizer: own, ignoresMerges: ignores = false }: Cutting): boolean =>
    cutsOf(own) === wanted && ignores === ignoresMerges;
  // “default” has another meaning in llama.cpp.
  return [...cuttings].find(([name, cutting]) => name !== 'default' && same(cutting))?.[0] ?? null;
}

/** What decides where text is cut, as one text to compare. */
function cutsOf(preTokenizer: unknown): string {
  const steps =
    isRecord(preTokenizer) && Array.isArray(preTokenizer['pretokenizers']) ? preTokenizer['pretokenizers'] : [preTokenizer];
  return JSON.stringify(
    steps.map((step: unknown) => {
      if (!isRecord(step)) return null;
      const {
        type,
        add_prefix_space: space,
        use_regex: regex = true,
        individual_digits: digits,
        pattern,
        behavior,
        invert,
      } = step;
      return type === 'ByteLevel' ? [type, space, regex] : type === 'Digits' ? [type, digits] : [type, pattern, behavior, invert];
    }),
  );
}

/** The largest vocabularies in use have 262,144, and twice as many merges. */
const mostTokens = 500_000;
const mostMerges = 800_000;

interface Vocabulary {
  tokens: readonly string[];
  kinds: readonly number[];
}

/**
 * The tokenizer of a GGUF file as the texts of a tokenizer.json and a tokenizer_config.json: byte-level BPE (`gpt2`) and
 * SentencePiece BPE with byte fallback (`llama`), with special tokens and chat template.
 * @throws TuneletError 'model/bad-gguf', or 'model/unsupported' for another kind, by name
 */
export function ggufTokenizer(metadata: GgufMetadata): { tokenizerJson: string; tokenizerConfigJson: string } {
  const key = 'tokenizer.ggml.model';
  const kind = metadata.required(metadata.text(key), key);
  const vocabulary = vocabularyOf(metadata);
  const parts = kind === 'gpt2' ? byteLevelParts(metadata) : kind === 'llama' ? scoredParts(metadata, vocabulary) : null;
  if (parts === null) throw unsupported(metadata, `a tokenizer of the kind “${kind.slice(0, 40)}”`, 'gpt2 and llama');
  const { model, addsBegin, ...cutting } = parts;
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens(metadata, vocabulary),
    ...cutting,
    post_processor: around(metadata, vocabulary, addsBegin),
    model: {
      type: 'BPE',
      dropout: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      ...model,
      vocab: Object.fromEntries(vocabulary.tokens.map((token, id) => [token, id])),
    },
  };
  return { tokenizerJson: JSON.stringify(json), tokenizerConfigJson: JSON.stringify(configOf(metadata, vocabulary)) };
}

function byteLevelParts(metadata: GgufMetadata) {
  const name = metadata.text('tokenizer.ggml.pre') ?? 'default';
  const cutting = cuttings.get(name);
  if (!cutting) throw unsupported(metadata, `text cut as “${name.slice(0, 40)}”`, [...cuttings.keys()].join(', '));
  const merges = metadata.required(metadata.texts('tokenizer.ggml.merges'), 'tokenizer.ggml.merges');
  if (merges.length > mostMerges)
    throw badGguf(metadata.fileName, `it has ${merges.length} merges; at most ${mostMerges} are read`);
  const broken = merges.find((merge) => !/^[^ ]+ [^ ]+$/.test(merge));
  if (broken !== undefined) throw badGguf(metadata.fileName, `its merge “${broken.slice(0, 40)}” is not a pair of tokens`);
  return {
    normalizer: null,
    pre_tokenizer: cutting.preTokenizer,
    decoder: byteLevel(true),
    model: { unk_token: null, fuse_unk: false, byte_fallback: false, ignore_merges: cutting.ignoresMerges ?? false, merges },
    addsBegin: cutting.addsBegin ?? false,
  };
}

/** As transformers' tokenizer.json of Llama 2 and Mistral is. */
function scoredParts(metadata: GgufMetadata, { tokens, kinds }: Vocabulary) {
  const key = 'tokenizer.ggml.scores';
  const scores = metadata.required(metadata.numbers(key), key);
  if (scores.length !== tokens.length) {
    throw badGguf(metadata.fileName, `it has ${tokens.length} tokens, but ${scores.length} scores`);
  }
  const isPiece = (id: number) => kinds[id] === 1 || kinds[id] === undefined;
  if (mergeWork(tokens, isPiece) > mostMergeWork) throw badGguf(metadata.fileName, 'its tokens are longer than any model’s');
  const addsSpace = metadata.flag('tokenizer.ggml.add_space_prefix') ?? true;
  const spaces = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
  const marks = { type: 'Replace', pattern: { String: '▁' }, content: ' ' };
  const strip = { type: 'Strip', content: ' ', start: 1, stop: 0 };
  const unknown = tokens[metadata.number('tokenizer.ggml.unknown_token_id') ?? 0] ?? null;
  return {
    normalizer: addsSpace ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, spaces] } : spaces,
    pre_tokenizer: null,
    decoder: { type: 'Sequence', decoders: [marks, { type: 'ByteFallback' }, { type: 'Fuse' }, ...(addsSpace ? [strip] : [])] },
    model: {
      unk_token: unknown,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      merges: mergesOfScores(tokens, scores, isPiece),
    },
    addsBegin: true,
  };
}

function vocabularyOf(metadata: GgufMetadata): Vocabulary {
  const tokens = metadata.required(metadata.texts('tokenizer.ggml.tokens'), 'tokenizer.ggml.tokens');
  if (tokens.length > mostTokens)
    throw badGguf(metadata.fileName, `it has ${tokens.length} tokens; at most ${mostTokens} are read`);
  const kinds = metadata.numbers('tokenizer.ggml.token_type') ?? [];
  if (kinds.length !== 0 && kinds.length !== tokens.length) {
    throw badGguf(metadata.fileName, `it has ${tokens.length} tokens, but kinds of ${kinds.length}`);
  }
  return { tokens, kinds };
}

/** Tokens that are found in a text before anything is cut: control tokens, tokens with a role, and what a user added. */
function addedTokens(metadata: GgufMetadata, { tokens, kinds }: Vocabulary): object[] {
  const roles = ['bos', 'eos', 'eot', 'unknown', 'padding'].map((role) => metadata.number(`tokenizer.ggml.${role}_token_id`));
  const withRole = new Set(roles);
  return tokens.flatMap((content, id) => {
    const special = kinds[id] === tokenKind.control || kinds[id] === tokenKind.unknown || withRole.has(id);
    if (content === '' || !(special || kinds[id] === tokenKind.userDefined)) return [];
    return [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special }];
  });
}

function around(metadata: GgufMetadata, vocabulary: Vocabulary, addsBegin: boolean): object | null {
  const begin = (metadata.flag('tokenizer.ggml.add_bos_token') ?? addsBegin) ? tokenOf(metadata, vocabulary, 'bos') : null;
  const end = metadata.flag('tokenizer.ggml.add_eos_token') === true ? tokenOf(metadata, vocabulary, 'eos') : null;
  if (begin === null && end === null) return null;
  const special = (token: { id: number; text: string } | null, type: number) =>
    token === null ? [] : [{ SpecialToken: { id: token.text, type_id: type } }];
  const text = (id: string, type: number) => [
    ...special(begin, type),
    { Sequence: { id, type_id: type } },
    ...special(end, type),
  ];
  const named = [begin, end].flatMap((token) =>
    token ? [[token.text, { id: token.text, ids: [token.id], tokens: [token.text] }]] : [],
  );
  return {
    type: 'TemplateProcessing',
    single: text('A', 0),
    pair: [...text('A', 0), ...text('B', 1)],
    special_tokens: Object.fromEntries(named),
  };
}

function configOf(metadata: GgufMetadata, vocabulary: Vocabulary): object {
  const text = (role: string) => tokenOf(metadata, vocabulary, role)?.text ?? null;
  const template = metadata.text('tokenizer.chat_template');
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: text('bos'),
    eos_token: text('eos'),
    pad_token: text('padding'),
    unk_token: text('unknown'),
    clean_up_tokenization_spaces: false,
    ...(template === null ? {} : { chat_template: template }),
  };
}

function tokenOf(metadata: GgufMetadata, { tokens }: Vocabulary, role: string): { id: number; text: string } | null {
  const id = metadata.number(`tokenizer.ggml.${role}_token_id`);
  if (id === null) return null;
  const text = tokens[id];
  if (text === undefined) throw badGguf(metadata.fileName, `its ${role} token is ${id}, but it has ${tokens.length} tokens`);
  return { id, text };
}

function unsupported(metadata: GgufMetadata, what: string, known: string): TuneletError {
  return new TuneletError(
    'model/unsupported',
    `${metadata.fileName} asks for ${what}; known are ${known}.`,
    'Drop the model’s tokenizer.json together with the file: it is used instead.',
    { file: metadata.fileName },
  );
}
