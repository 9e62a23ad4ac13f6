import { Tokenizer } from '@huggingface/tokenizers';
import { TuneletError } from '../api/errors';
import { byteLevelEncoder } from './byteLevel';
import { encodeTexts } from './encodeAll';
import type { EncodeAllOptions, EncodedTexts } from './encodeAll';
import { fromVocabulary, parseTokenizerConfig, parseTokenizerJson } from './tokenizerFiles';
import type { TokenizerFiles } from './tokenizerFiles';

export interface TextTokenizer {
  /** One more than the highest id. */
  readonly vocabularySize: number;
  /** The config's eos_token, else `<|endoftext|>`; null where there is neither. */
  readonly endOfTextId: number | null;
  /** Ids as transformers' `add_special_tokens=True` gives them; for GPT-2 that adds none. */
  encode(text: string): number[];
  /** Special tokens are left out. */
  decode(ids: readonly number[]): string;
  encodeAll(texts: readonly string[], options: EncodeAllOptions): Promise<EncodedTexts>;
}

/** Throws model/bad-tokenizer where the files are no tokenizer that can be used. */
export function createTokenizer(files: TokenizerFiles): TextTokenizer {
  const json = 'tokenizerJson' in files ? parseTokenizerJson(files.tokenizerJson) : fromVocabulary(files);
  const config = parseTokenizerConfig(files.tokenizerConfig);
  const library = constructLibrary(json, config);
  const encode = byteLevelEncoder(library) ?? ((text: string) => library.encode(text).ids);
  const ids = [...library.get_vocab().values()];
  return {
    vocabularySize: ids.reduce((highest, id) => Math.max(highest, id), -1) + 1,
    endOfTextId: library.token_to_id(config.endOfText ?? '<|endoftext|>') ?? null,
    encode,
    decode: (tokens) =>
      tokens.length === 0
        ? ''
        : library.decode([...tokens], { skip_special_tokens: true, clean_up_tokenization_spaces: config.cleanUp }),
    encodeAll: (texts, options) => encodeTexts(encode, texts, options),
  };
}

function constructLibrary(json: object, config: { raw: object }): Tokenizer {
  try {
    const library = new Tokenizer(json, config.raw);
    const { ids } = library.encode('A first text.');
    if (!ids.every((id) => Number.isInteger(id))) throw new Error('a token that it adds is not in its vocabulary.');
    return library;
  } catch (thrown) {
    throw new TuneletError(
      'model/bad-tokenizer',
      `Setting up the tokenizer failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      'Use the tokenizer files that belong to the model, unchanged.',
    );
  }
}
