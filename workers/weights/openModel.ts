import { TuneletError } from '../api/errors';
import type { ModelSource } from '../api/model';
import { parseJson } from '../api/parseJson';
import { HubLibrary } from '../hub/hubLibrary';
import { readText, type FileProgress, type FileSource } from './fileSource';
import { findWeights, type FoundWeights } from './findWeights';
import type { GgufMetadata } from './ggufMetadata';
import { ggufTokenizer } from './ggufTokenizer';
import { openGguf } from './ggufWeights';
import { missingFiles } from './missingFiles';
import { openSafetensors } from './safetensorsWeights';
import { hashWeights } from './hashWeights';
import { indexName, maximumIndexBytes, parseShardIndex, type ShardIndex } from './shardIndex';
import { embeddedSource, hubSource, localSource } from './sources';
import type { StoredWeights } from './storedWeights';
import type { OnChunk, StoredTensor, StreamOptions, Wanted } from './streamTensors';

/** Texts of the tokenizer's files, as they are. */
export type TokenizerFiles =
  | { tokenizerJson: string; tokenizerConfigJson: string | null }
  | { vocabJson: string; mergesText: string; tokenizerConfigJson: string | null };

/** A model whose small files are read and whose weights are ready to be streamed. */
export interface ModelFiles {
  name: string;
  source: ModelSource['kind'];
  /** The commit of the Hub, or null for local files. */
  revision: string | null;
  /** As the repository's card states it, under the Hub's name for it; null where nothing tells. */
  licence: string | null;
  /** Of the weights' files. */
  sizeBytes: number;
  format: StoredWeights['format'];
  /** The weights' files, by their paths in the folder or repository. */
  weightFiles: readonly string[];
  /** config.json, parsed and not yet checked; of a GGUF file, what its config.json would be. */
  config: unknown;
  tokenizer: TokenizerFiles;
  /** Metadata of the GGUF file that the tokenizer comes from, read anew; null where it comes from files of its own. */
  ggufMetadata(): Promise<GgufMetadata | null>;
  /** By the names that transformers gives them. */
  tensors: readonly StoredTensor[];
  /** See `streamTensors`; each call reads the files anew. */
  streamTensors(wanted: Wanted, onChunk: OnChunk, options?: StreamOptions): Promise<void>;
  /** See `hashWeights`; null for weights that a server has. */
  weightsHash(): Promise<string | null>;
  /** The model's own files, for offering them again; a single safetensors file is named model.safetensors. */
  rawFiles(): Promise<{ name: string; blob: Blob }[]>;
}

export interface OpenOptions {
  /** Address of the embedded model's folder. */
  embeddedBase: string;
  /** Where models of the Hub come from; one that keeps nothing where it is left out. */
  hub?: HubLibrary | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: FileProgress | undefined;
}

// A Llama tokenizer has 17 MB, GPT-2's 1.4 MB.
const textLimits = { 'config.json': 1 << 20, 'tokenizer.json': 64 << 20, 'vocab.json': 32 << 20, 'merges.txt': 32 << 20 };
const offeredFiles = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json', 'vocab.json', 'merges.txt', 'special_tokens_map.json', 'README.md']; // prettier-ignore

/**
 * Reads configuration, tokenizer and the headers of the weights; the weights themselves stay where they are. A GGUF file says all
 * three itself; a tokenizer.json beside it is used instead of its own.
 * @throws TuneletError 'model/missing-file', 'model/unsupported', 'model/bad-config', 'model/bad-safetensors', 'model/bad-gguf'
 *   or 'hub/…'
 */
export async function openModel(source: ModelSource, options: OpenOptions): Promise<ModelFiles> {
  const files = await sourceOf(source, options);
  const found = findWeights(files);
  if (found === null) throw await missingFiles(files, options.signal);
  const {
    name,
    config,
    tokenizer,
    weights,
    ggufMetadata = async () => null,
  } = found.format === 'gguf' ? await openGgufFile(files, found.fileName, options) : await openFolder(files, found, options);
  let hashed: Promise<string | null> | null = null;
  return {
    name,
    source: files.kind,
    revision: files.revision(),
    licence: files.licence,
    sizeBytes: weights.sizeBytes,
    format: weights.format,
    weightFiles: weights.fileNames,
    config,
    tokenizer,
    ggufMetadata,
    tensors: weights.tensors,
    streamTensors: (wanted, onChunk, streamOptions) => weights.stream(wanted, onChunk, streamOptions),
    weightsHash: () => (hashed ??= hashWeights(files, weights)),
    rawFiles: () => rawFiles(files, weights),
  };
}

type Opened = Pick<ModelFiles, 'name' | 'config' | 'tokenizer'> &
  Partial<Pick<ModelFiles, 'ggufMetadata'>> & { weights: StoredWeights };

async function openFolder(
  files: FileSource,
  found: Exclude<FoundWeights, { format: 'gguf' }>,
  options: OpenOptions,
): Promise<Opened> {
  const configText = await readText(files, 'config.json', textLimits['config.json'], options);
  const tokenizer = configText === null ? null : await readTokenizer(files, options);
  if (configText === null || tokenizer === null) throw await missingFiles(files, options.signal);
  const config = parseConfig(configText);
  const index = found.format === 'index' ? await readIndex(files, options) : null;
  const fileNames = found.format === 'safetensors' ? found.fileNames : (index?.fileNames ?? []);
  const weights = await openSafetensors(files, fileNames, index?.fileOfTensor ?? null, options.signal);
  return { name: files.name ?? nameInConfig(config) ?? 'dropped model', config, tokenizer, weights };
}

async function openGgufFile(files: FileSource, fileName: string, options: OpenOptions): Promise<Opened> {
  const { metadata, config, weights } = await openGguf(files, fileName, options.signal);
  const beside = await readText(files, 'tokenizer.json', textLimits['tokenizer.json'], options);
  const tokenizer = beside === null ? ggufTokenizer(metadata) : await readTokenizer(files, options);
  if (tokenizer === null) throw await missingFiles(files, options.signal);
  const ownName = fileName.slice(fileName.lastIndexOf('/') + 1).replace(/\.gguf$/i, '');
  const name = files.kind === 'files' ? ownName : (files.name ?? ownName);
  const ggufMetadata = async () => (beside === null ? (await openGguf(files, fileName, undefined)).metadata : null);
  return { name, config, tokenizer, weights, ggufMetadata };
}

async function readIndex(files: FileSource, options: OpenOptions): Promise<ShardIndex> {
  const text = await readText(files, indexName, maximumIndexBytes, options);
  if (text === null) throw await missingFiles(files, options.signal);
  return parseShardIndex(text);
}

async function sourceOf(source: ModelSource, options: OpenOptions): Promise<FileSource> {
  if (source.kind === 'embedded') return embeddedSource(options.embeddedBase);
  if (source.kind === 'hub') return hubSource(await (options.hub ?? new HubLibrary(null, () => {})).open(source, options.signal));
  return localSource(source.files);
}

async function readTokenizer(files: FileSource, options: OpenOptions): Promise<TokenizerFiles | null> {
  const tokenizerConfigJson = await readText(files, 'tokenizer_config.json', textLimits['config.json'], options);
  const tokenizerJson = await readText(files, 'tokenizer.json', textLimits['tokenizer.json'], options);
  if (tokenizerJson !== null) return { tokenizerJson, tokenizerConfigJson };
  const vocabJson = await readText(files, 'vocab.json', textLimits['vocab.json'], options);
  const mergesText = vocabJson === null ? null : await readText(files, 'merges.txt', textLimits['merges.txt'], options);
  return vocabJson === null || mergesText === null ? null : { vocabJson, mergesText, tokenizerConfigJson };
}

function parseConfig(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new TuneletError(
      'model/bad-config',
      `config.json is not JSON that can be read, so the model’s shape is unknown: ${cause.slice(0, 200)}`,
      'Choose the config.json that belongs to the model, or download it again.',
      { start: text.slice(0, 60), cause },
    );
  }
}

/** Where older checkpoints say what they were made from. */
function nameInConfig(config: unknown): string | null {
  if (typeof config !== 'object' || config === null || !('_name_or_path' in config)) return null;
  const name = config._name_or_path;
  return typeof name === 'string' ? (name.split(/[/\\]/).findLast((part) => part !== '' && part !== '.') ?? null) : null;
}

async function rawFiles(files: FileSource, weights: StoredWeights): Promise<{ name: string; blob: Blob }[]> {
  const isOneSafetensors = weights.format === 'safetensors' && weights.fileNames.length === 1;
  const offered: { name: string; blob: Blob }[] = [];
  for (const fileName of [...offeredFiles, ...(weights.fileNames.length > 1 ? [indexName] : []), ...weights.fileNames]) {
    const opened = await files.open(fileName, {});
    if (opened === null) continue;
    const isWeights = weights.fileNames.includes(fileName);
    const name = isWeights && isOneSafetensors ? 'model.safetensors' : fileName.slice(fileName.lastIndexOf('/') + 1);
    offered.push({ name, blob: await new Response(opened.body).blob() });
  }
  return offered;
}
