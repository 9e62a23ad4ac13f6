import { TuneletError } from '../api/errors';
import type { ModelSource } from '../api/model';
import { parseSafetensorsHeader, safetensorsHeaderLength } from '../files/safetensors';
import type { SafetensorsHeader } from '../files/safetensors';
import { HubLibrary } from '../hub/hubLibrary';
import { ByteReader, readText } from './fileSource';
import type { FileProgress, FileSource, OpenedFile } from './fileSource';
import { missingFiles, weightsFileName } from './missingFiles';
import { embeddedSource, hubSource, localSource } from './sources';
import { streamTensors } from './streamTensors';
import type { StreamOptions, TensorChunk } from './streamTensors';

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
  /** Of the weights' file. */
  sizeBytes: number;
  /** config.json, parsed and not yet checked. */
  config: unknown;
  tokenizer: TokenizerFiles;
  header: SafetensorsHeader;
  /** See `streamTensors`; each call reads the file anew. */
  streamTensors(
    wanted: (fileName: string) => string | null,
    onChunk: (chunk: TensorChunk) => void | Promise<void>,
    options?: StreamOptions,
  ): Promise<void>;
  /** The model's own files, for offering them again; weights are named model.safetensors. */
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
const firstRead = 64 << 10;
const offeredFiles = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json', 'vocab.json', 'merges.txt', 'special_tokens_map.json', 'README.md']; // prettier-ignore

/**
 * Reads configuration, tokenizer and the header of the weights; the weights themselves stay where they are.
 * @throws TuneletError 'model/missing-file', 'model/unsupported', 'model/bad-config', 'model/bad-safetensors' or 'hub/…'
 */
export async function openModel(source: ModelSource, options: OpenOptions): Promise<ModelFiles> {
  const files = await sourceOf(source, options);
  const weightsName = weightsFileName(files);
  if (files.listed !== null && weightsName === null) throw await missingFiles(files, options.signal);
  const weights = weightsName ?? 'model.safetensors';
  const configText = await readText(files, 'config.json', textLimits['config.json'], options);
  const tokenizer = configText === null ? null : await readTokenizer(files, options);
  if (configText === null || tokenizer === null) throw await missingFiles(files, options.signal);
  const config = parseConfig(configText);
  const header = await readHeader(files, weights, options.signal);
  return {
    name: files.name ?? nameInConfig(config) ?? 'dropped model',
    source: files.kind,
    revision: files.revision(),
    sizeBytes: header.fileSizeBytes,
    config,
    tokenizer,
    header,
    async streamTensors(wanted, onChunk, streamOptions = {}) {
      const opened = await open(files, weights, streamOptions);
      await streamTensors(opened, header, wanted, onChunk, streamOptions);
    },
    rawFiles: () => rawFiles(files, weights),
  };
}

async function sourceOf(source: ModelSource, options: OpenOptions): Promise<FileSource> {
  if (source.kind === 'embedded') return embeddedSource(options.embeddedBase);
  if (source.kind === 'hub') return hubSource(await (options.hub ?? new HubLibrary(null, () => {})).open(source, options.signal));
  return localSource(source.files);
}

async function open(files: FileSource, fileName: string, options: { signal?: AbortSignal | undefined; firstBytes?: number }) {
  const opened: OpenedFile | null = await files.open(fileName, options);
  if (opened === null) throw await missingFiles(files, options.signal);
  return opened;
}

async function readTokenizer(files: FileSource, options: OpenOptions): Promise<TokenizerFiles | null> {
  const tokenizerConfigJson = await readText(files, 'tokenizer_config.json', textLimits['config.json'], options);
  const tokenizerJson = await readText(files, 'tokenizer.json', textLimits['tokenizer.json'], options);
  if (tokenizerJson !== null) return { tokenizerJson, tokenizerConfigJson };
  const vocabJson = await readText(files, 'vocab.json', textLimits['vocab.json'], options);
  const mergesText = vocabJson === null ? null : await readText(files, 'merges.txt', textLimits['merges.txt'], options);
  return vocabJson === null || mergesText === null ? null : { vocabJson, mergesText, tokenizerConfigJson };
}

/** The first bytes hold most headers; a longer one is read anew, unless the server sends on by itself. */
async function readHeader(files: FileSource, fileName: string, signal: AbortSignal | undefined): Promise<SafetensorsHeader> {
  for (let firstBytes = firstRead; ;) {
    const opened = await open(files, fileName, { signal, firstBytes });
    const reader = new ByteReader(opened.body, signal);
    try {
      const start = new Uint8Array(8);
      const startBytes = await reader.readInto(start);
      const length = safetensorsHeaderLength(start.subarray(0, startBytes), opened.sizeBytes, fileName);
      const bytes = new Uint8Array(8 + length);
      bytes.set(start);
      const read = 8 + (await reader.readInto(bytes.subarray(8)));
      const isCutByUs = read < bytes.length && read === firstBytes;
      if (!isCutByUs) return parseSafetensorsHeader(bytes.subarray(0, read), opened.sizeBytes, fileName);
      firstBytes = bytes.length;
    } finally {
      await reader.close();
    }
  }
}

function parseConfig(text: string): unknown {
  try {
    const config: unknown = JSON.parse(text);
    return config;
  } catch (error) {
    throw new TuneletError(
      'model/bad-config',
      'config.json is not JSON, so the model’s shape is unknown.',
      'Choose the config.json that belongs to the model, or download it again.',
      { start: text.slice(0, 60), cause: error instanceof Error ? error.message : String(error) },
    );
  }
}

/** Where older checkpoints say what they were made from. */
function nameInConfig(config: unknown): string | null {
  if (typeof config !== 'object' || config === null || !('_name_or_path' in config)) return null;
  const name = config._name_or_path;
  return typeof name === 'string' ? (name.split(/[/\\]/).findLast((part) => part !== '' && part !== '.') ?? null) : null;
}

async function rawFiles(files: FileSource, weights: string): Promise<{ name: string; blob: Blob }[]> {
  const offered: { name: string; blob: Blob }[] = [];
  for (const fileName of [...offeredFiles, weights]) {
    const opened = await files.open(fileName, {});
    if (opened === null) continue;
    const name = fileName === weights ? 'model.safetensors' : fileName;
    offered.push({ name, blob: await new Response(opened.body).blob() });
  }
  return offered;
}
