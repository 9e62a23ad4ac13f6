import { parseJson } from '../../../api/parseJson';
import type { WrittenMetadata, WrittenValue } from '../../../files/ggufWriter';
import type { BaseModel } from '../../../models/architecture';
import type { TextTokenizer } from '../../../tokenizer/tokenizer';
import { fromVocabulary } from '../../../tokenizer/tokenizerFiles';
import type { GgufMetadata } from '../../../weights/ggufMetadata';
import type { ModelFiles } from '../../../weights/openModel';
import { cuttingName, tokenKind } from '../../../weights/ggufTokenizer';
import { refusal } from './refusals';

/** Of a model, what its tokenizer's metadata come from. */
export interface TokenizedModel {
  files: Pick<ModelFiles, 'tokenizer' | 'ggufMetadata'>;
  base: Pick<BaseModel, 'vocabularySize' | 'padTokenId' | 'eosTokenId'>;
  tokenizer: TextTokenizer;
}

type Json = Record<string, unknown>;

/**
 * What a GGUF file says of the tokenizer: what the base's own GGUF file says, else what its tokenizer.json comes to.
 * @throws TuneletError 'export/unsupported' where llama.cpp has no name for the way it works
 */
export async function tokenizerMetadata(model: TokenizedModel): Promise<WrittenMetadata> {
  const own = await model.files.ggufMetadata();
  return own ? carriedOver(own) : fromTokenizerJson(model);
}

const prefix = 'tokenizer.ggml.';

/** Only what is read here, each in the type that llama.cpp asks for: a reader keeps numbers, not their types. */
function carriedOver(own: GgufMetadata): WrittenMetadata {
  const known: [string, WrittenValue | null][] = [
    ...['model', 'pre'].map((key) => [prefix + key, textOf(own.text(prefix + key))] as [string, WrittenValue | null]),
    ...['tokens', 'merges'].map((key) => [prefix + key, listOf(own.texts(prefix + key))] as [string, WrittenValue | null]),
    [`${prefix}token_type`, numbersOf(own.numbers(`${prefix}token_type`), 'ints')],
    [`${prefix}scores`, numbersOf(own.numbers(`${prefix}scores`), 'floats')],
    ...['bos', 'eos', 'eot', 'unknown', 'padding'].map((role): [string, WrittenValue | null] => {
      const id = own.number(`${prefix}${role}_token_id`);
      return [`${prefix}${role}_token_id`, id === null ? null : { uint32: id }];
    }),
    ...['add_bos_token', 'add_eos_token', 'add_space_prefix'].map((key): [string, WrittenValue | null] => {
      const flag = own.flag(prefix + key);
      return [prefix + key, flag === null ? null : { flag }];
    }),
    ['tokenizer.chat_template', textOf(own.text('tokenizer.chat_template'))],
  ];
  return present(known);
}

function fromTokenizerJson(model: TokenizedModel): WrittenMetadata {
  const { tokenizer: files } = model.files;
  const json = recordOf(
    'tokenizerJson' in files
      ? parseJson(files.tokenizerJson)
      : fromVocabulary({ vocabJson: files.vocabJson, mergesTxt: files.mergesText }),
  );
  const bpe = recordOf(json['model']);
  if ((bpe['type'] ?? 'BPE') !== 'BPE') throw unnamed(`is of the kind ${JSON.stringify(bpe['type']).slice(0, 40)}`);
  const { kinds, tokens } = vocabularyOf(json, bpe, model.base.vocabularySize);
  const merges = mergesOf(bpe['merges']);
  const isScored = bpe['byte_fallback'] === true;
  return present([
    [`${prefix}model`, { text: isScored ? 'llama' : 'gpt2' }],
    [`${prefix}pre`, { text: isScored ? 'default' : cutOf(json, bpe) }],
    [`${prefix}tokens`, { texts: tokens }],
    [`${prefix}token_type`, { ints: kinds }],
    ...(isScored
      ? scored(json, bpe, tokens, merges)
      : [pair(`${prefix}merges`, { texts: merges.map((parts) => parts.join(' ')) })]),
    ...specialTokens(model),
    ['tokenizer.chat_template', textOf(model.tokenizer.chatTemplate)],
  ]);
}

/** llama.cpp asks for one token for each row of the embedding; rows that no token has are unused ones. */
function vocabularyOf(json: Json, bpe: Json, size: number): { tokens: string[]; kinds: number[] } {
  const tokens: string[] = Array.from({ length: size }, (_, id) => `[unused ${id}]`);
  const kinds = Array.from<number>({ length: size }).fill(tokenKind.unused);
  for (const [token, id] of Object.entries(recordOf(bpe['vocab']))) {
    tokens[Number(id)] = token;
    const isByte = bpe['byte_fallback'] === true && /^<0x[0-9A-F]{2}>$/.test(token);
    kinds[Number(id)] = isByte ? tokenKind.byte : token === bpe['unk_token'] ? tokenKind.unknown : tokenKind.normal;
  }
  for (const added of listIn(json['added_tokens']).map(recordOf)) {
    const { id, content, special } = added;
    tokens[Number(id)] = String(content);
    if (content !== bpe['unk_token']) kinds[Number(id)] = special === true ? tokenKind.control : tokenKind.userDefined;
  }
  return { tokens, kinds };
}

function mergesOf(merges: unknown): [string, string][] {
  return listIn(merges).map((merge) => {
    const [left, right] = typeof merge === 'string' ? merge.split(' ') : listIn(merge);
    return [String(left), String(right)];
  });
}

function cutOf(json: Json, bpe: Json): string {
  const normalizer = json['normalizer'] == null ? null : recordOf(json['normalizer'])['type'];
  // Texts are composed (NFC) as good as always; llama.cpp takes them as they are.
  if (normalizer !== null && normalizer !== 'NFC')
    throw unnamed(`changes texts first (${JSON.stringify(normalizer).slice(0, 40)})`);
  const name = cuttingName(json['pre_tokenizer'], bpe['ignore_merges'] === true);
  if (name === null) throw unnamed('cuts texts in a way that llama.cpp has no name for here');
  return name;
}

/** A token scores the higher the earlier a merge makes it: SentencePiece joins the two neighbours whose join scores highest. */
function scored(json: Json, bpe: Json, tokens: readonly string[], merges: readonly [string, string][]): [string, WrittenValue][] {
  const ranks = new Map<string, number>();
  for (const [left, right] of merges) if (!ranks.has(left + right)) ranks.set(left + right, ranks.size);
  const scores = Float32Array.from(tokens, (token) => -(ranks.get(token) ?? ranks.size));
  const idOfUnknown = tokens.findIndex((token) => token === bpe['unk_token']);
  return [
    [`${prefix}scores`, { floats: scores }],
    [`${prefix}add_space_prefix`, { flag: addsSpace(json) }],
    ...(idOfUnknown < 0 ? [] : [pair(`${prefix}unknown_token_id`, { uint32: idOfUnknown })]),
  ];
}

/** Whether a text begins with a space; spaces themselves must become “▁”, as SentencePiece has it. */
function addsSpace({ normalizer, pre_tokenizer: cutter }: Json): boolean {
  const steps = stepsOf(normalizer, 'normalizers');
  const [last] = stepsOf(cutter, 'pretokenizers');
  if (last?.['type'] === 'Metaspace' && steps.length === 0) {
    return (last['prepend_scheme'] ?? (last['add_prefix_space'] === false ? 'never' : 'always')) !== 'never';
  }
  const types = steps.map(({ type }) => type).join();
  if (last === undefined && (types === 'Replace' || types === 'Prepend,Replace')) return types !== 'Replace';
  throw unnamed('changes or cuts texts otherwise than SentencePiece does');
}

function stepsOf(value: unknown, key: string): Json[] {
  if (value == null) return [];
  const record = recordOf(value);
  return record['type'] === 'Sequence' ? listIn(record[key]).map(recordOf) : [record];
}

/** What stands around a text is found by encoding one. */
function specialTokens({ tokenizer, base, files }: TokenizedModel): [string, WrittenValue | null][] {
  const plain = tokenizer.encodePlain('a');
  const whole = tokenizer.encode('a');
  const at = whole.findIndex((_, begin) => plain.every((id, index) => whole[begin + index] === id));
  const [before, after] = [whole.slice(0, Math.max(0, at)), whole.slice(at + plain.length)];
  const end = tokenizer.endOfTextId ?? base.eosTokenId;
  if (at < 0 || before.length > 1 || after.length > 1 || (after[0] ?? end) !== end) {
    throw unnamed(`puts ${before.length} tokens before a text and ${after.length} after it`);
  }
  const { beginOfText } = tokenizer.specialTexts;
  const begin = before[0] ?? (beginOfText === null ? null : tokenizer.idOf(beginOfText)) ?? end;
  const padding = base.padTokenId ?? paddingOf(files.tokenizer.tokenizerConfigJson, tokenizer);
  const id = (role: string, value: number | null): [string, WrittenValue | null] => [
    `${prefix}${role}_token_id`,
    value === null ? null : { uint32: value },
  ];
  return [
    id('bos', begin),
    id('eos', end),
    id('padding', padding),
    [`${prefix}add_bos_token`, { flag: before.length === 1 }],
    [`${prefix}add_eos_token`, { flag: after.length === 1 }],
  ];
}

function paddingOf(configJson: string | null, { idOf }: Pick<TextTokenizer, 'idOf'>): number | null {
  const token = configJson === null ? null : recordOf(parseJson(configJson))['pad_token'];
  const text = typeof token === 'object' && token !== null && 'content' in token ? token.content : token;
  return typeof text === 'string' ? idOf(text) : null;
}

function recordOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function pair(key: string, value: WrittenValue): [string, WrittenValue] {
  return [key, value];
}

function textOf(text: string | null): WrittenValue | null {
  return text === null ? null : { text };
}

function listOf(texts: readonly string[] | null): WrittenValue | null {
  return texts && { texts };
}

function numbersOf(numbers: readonly number[] | null, kind: 'ints' | 'floats'): WrittenValue | null {
  return numbers && (kind === 'ints' ? { ints: numbers } : { floats: numbers });
}

function present(values: readonly (readonly [string, WrittenValue | null])[]): WrittenMetadata {
  return Object.fromEntries(values.flatMap(([key, value]) => (value === null ? [] : [[key, value] as const])));
}

function unnamed(fault: string): Error {
  return refusal(
    `A GGUF file cannot say how this model’s tokenizer works: it ${fault}.`,
    'Take the merged model as safetensors, or the adapter as GGUF together with a GGUF file of the base model.',
  );
}
