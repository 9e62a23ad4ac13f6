import { TuneletError } from '../api/errors';
import type { FileSource } from './fileSource';
import { indexName } from './shardIndex';

/** Which files hold a model's weights. */
export type FoundWeights =
  { format: 'gguf'; fileName: string } | { format: 'safetensors'; fileNames: readonly string[] } | { format: 'index' };

const shardName = /^(.*)-(\d{5})-of-(\d{5})\.(safetensors|gguf)$/;

/**
 * The file that was named, or model.safetensors (also where files cannot be listed), or its shards, or the only other safetensors file, or the only GGUF file; null where
 * there is none.
 * @throws TuneletError 'model/missing-file' where shards are missing, 'model/unsupported' where several files could be meant
 */
export function findWeights(source: FileSource): FoundWeights | null {
  if (source.weightsFile !== null) return named(source.weightsFile);
  if (source.listed === null) return { format: 'safetensors', fileNames: ['model.safetensors'] };
  const names = listedNames(source);
  if (names.includes('model.safetensors')) return { format: 'safetensors', fileNames: ['model.safetensors'] };
  if (names.includes(indexName)) return { format: 'index' };
  const weights = names.filter((name) => name.endsWith('.safetensors') && name !== 'adapter_model.safetensors');
  const shards = weights.filter((name) => shardName.test(name));
  if (shards.length > 0) return { format: 'safetensors', fileNames: allShards(shards) };
  const [only, ...others] = new Set(weights);
  if (only !== undefined) return others.length === 0 ? { format: 'safetensors', fileNames: [only] } : null;
  return onlyGguf(names);
}

/** Names of the files that may be a model's: of dropped folders all, of the Hub those that lie in no folder. */
export function listedNames({ kind, listed }: FileSource): string[] {
  const paths = listed ?? [];
  if (kind !== 'files') return paths.filter((path) => !path.includes('/'));
  return paths.map((path) => path.slice(path.lastIndexOf('/') + 1));
}

function named(fileName: string): FoundWeights {
  if (shardName.test(fileName) && fileName.endsWith('.gguf')) throw splitGguf(fileName);
  return fileName.endsWith('.gguf') ? { format: 'gguf', fileName } : { format: 'safetensors', fileNames: [fileName] };
}

function allShards(names: readonly string[]): string[] {
  const sets = new Set(names.map((name) => name.replace(shardName, '$1 $3')));
  const [, prefix = '', , count = ''] = shardName.exec(names[0] ?? '') ?? [];
  if (sets.size > 1) throw severalFiles(names);
  const wanted = Array.from(
    { length: Number(count) },
    (_, index) => `${prefix}-${String(index + 1).padStart(5, '0')}-of-${count}.safetensors`,
  );
  const missing = wanted.filter((name) => !names.includes(name));
  if (missing.length === 0) return wanted;
  throw new TuneletError(
    'model/missing-file',
    `The weights lie in ${wanted.length} files, of which ${missing.length} ${missing.length === 1 ? 'is' : 'are'} missing: ${missing.slice(0, 5).join(', ')}.`,
    'Drop all of them together with config.json and the tokenizer’s files.',
    { missing: missing.slice(0, 20).join(', ') },
  );
}

function onlyGguf(names: readonly string[]): FoundWeights | null {
  const found = [...new Set(names.filter((name) => name.toLowerCase().endsWith('.gguf')))];
  const [fileName, ...others] = found;
  if (fileName === undefined) return null;
  if (shardName.test(fileName)) throw splitGguf(fileName);
  if (others.length > 0) throw severalFiles(found);
  return { format: 'gguf', fileName };
}

function severalFiles(names: readonly string[]): TuneletError {
  return new TuneletError(
    'model/unsupported',
    `There are weights of several models: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' and more' : ''}.`,
    'Choose one of them.',
    { found: names.slice(0, 20).join(', ') },
  );
}

function splitGguf(fileName: string): TuneletError {
  return new TuneletError(
    'model/unsupported',
    `${fileName} is one part of a GGUF model in several files; a model in one file is read.`,
    'Choose a file that is whole, or join the parts with llama-gguf-split --merge.',
    { file: fileName },
  );
}
