import { Tokenizer } from '@huggingface/tokenizers';
import type { Encoder } from './addedTokens';
import { badTokenizer } from './badTokenizer';
import { correctByteFallback } from './byteFallback';
import { byteLevelEncoder, correctCharacterClasses } from './byteLevel';
import { encodeTexts, type EncodeAllOptions, type EncodedTexts } from './encodeAll';
import { fromVocabulary, parseTokenizerConfig, parseTokenizerJson, type TokenizerFiles } from './tokenizerFiles';

export interface TextTokenizer {
  /** One more than the highest id. */
  readonly vocabularySize: number;
  /** The config's eos_token, else `<|endoftext|>`; null where there is neither. */
  readonly endOfTextId: number | null;
  /** What a chat template may name, as the config has it. */
  readonly specialTexts: { readonly beginOfText: string | null; readonly endOfText: string | null };
  /** The config's chat template (Jinja), or null. */
  readonly chatTemplate: string | null;
  /** Ids as transformers' `add_special_tokens=True` gives them; for GPT-2 that adds none. */
  encode(text: string): number[];
  /** Ids of `add_special_tokens=False`: for prompts, whose template writes special tokens itself, and for what follows other ids. */
  encodePlain(text: string): number[];
  /** Tokens that stand for what is not in the vocabulary: the model's unk_token, and single bytes where whole characters are usual. */
  readonly unknownIds: ReadonlySet<number>;
  /** The id of a token's text, or null. */
  idOf(token: string): number | null;
  /** Special tokens are left out. */
  decode(ids: readonly number[]): string;
  /** Special tokens are written out, and spaces stay as they are. */
  spell(ids: readonly number[]): string;
  encodeAll(texts: Iterable<string> & { readonly length: number }, options: EncodeAllOptions): Promise<EncodedTexts>;
}

/** Throws model/bad-tokenizer where the files are no tokenizer that can be used. */
export function createTokenizer(files: TokenizerFiles): TextTokenizer {
  const json = 'tokenizerJson' in files ? parseTokenizerJson(files.tokenizerJson) : fromVocabulary(files);
  const config = parseTokenizerConfig(files.tokenizerConfig);
  const { library, encode } = constructLibrary(json, config);
  const encodeText = (text: string): number[] => encode(text, true);
  const ids = [...library.get_vocab().values()];
  const idOf = (token: string): number | null => library.token_to_id(token) ?? null;
  return {
    vocabularySize: ids.reduce((highest, id) => Math.max(highest, id), -1) + 1,
    endOfTextId: idOf(config.endOfText ?? '<|endoftext|>'),
    specialTexts: { beginOfText: config.beginOfText, endOfText: config.endOfText },
    chatTemplate: config.chatTemplate,
    encode: encodeText,
    encodePlain: (text) => encode(text, false),
    idOf,
    unknownIds: unknownIdsOf(json, library.get_vocab()),
    decode: (tokens) =>
      tokens.length === 0
        ? ''
        : library.decode([...tokens], { skip_special_tokens: true, clean_up_tokenization_spaces: config.cleanUp }),
    spell: (tokens) =>
      tokens.length === 0 ? '' : library.decode([...tokens], { skip_special_tokens: false, clean_up_tokenization_spaces: false }),
    encodeAll: (texts, options) => encodeTexts(encodeText, texts, options),
  };
}

function unknownIdsOf(json: object, vocabulary: ReadonlyMap<string, number>): Set<number> {
  const model: unknown = 'model' in json ? json.model : null;
  const unknown = typeof model === 'object' && model !== null && 'unk_token' in model ? model.unk_token : null;
  const ids = new Set<number>();
  for (const [token, id] of vocabulary) if (token === unknown || /^<0x[0-9a-f]{2}>$/i.test(token)) ids.add(id);
  return ids;
}

function encoderOf(library: Tokenizer): Encoder {
  return (text, addsSpecial) => library.encode(text, { add_special_tokens: addsSpecial }).ids;
}

function constructLibrary(json: object, config: { raw: object }): { library: Tokenizer; encode: Encoder } {
  try {
    const library = new Tokenizer(json, config.raw);
    correctCharacterClasses(library);
    correctByteFallback(library);
    const { ids } = library.encode('A first text.');
    if (!ids.every((id) => Number.isInteger(id))) throw new Error('a token that it adds is not in its vocabulary.');
    return { library, encode: byteLevelEncoder(library) ?? encoderOf(library) };
  } catch (thrown) {
    const cause = thrown instanceof Error ? thrown.message : String(thrown);
    throw badTokenizer(`It cannot be set up: ${cause.slice(0, 200)}`);
  }
}
