import { TuneletError } from '../api/errors';
import type { FileSource } from './fileSource';

/** The weights among listed files: model.safetensors, or the only other safetensors file; null when there is none. */
export function weightsFileName(files: FileSource): string | null {
  const names = (files.listed ?? []).map(baseName);
  if (names.includes('model.safetensors')) return 'model.safetensors';
  const others = new Set(names.filter((name) => name.endsWith('.safetensors') && name !== 'adapter_model.safetensors'));
  const [only] = others;
  return others.size === 1 && only !== undefined && !isShard(only) ? only : null;
}

/** What a model that cannot be opened lacks, said with what is there and what helps. */
export async function missingFiles(files: FileSource, signal: AbortSignal | undefined): Promise<TuneletError> {
  const has = async (fileName: string): Promise<boolean> => {
    if (files.listed !== null) return files.listed.some((path) => baseName(path) === fileName);
    const opened = await files.open(fileName, { signal, firstBytes: 1 });
    await opened?.body.cancel();
    return opened !== null;
  };
  const hasWeights = files.listed === null ? await has('model.safetensors') : weightsFileName(files) !== null;
  const isSharded = files.listed?.some((path) => isShard(baseName(path))) || (await has('model.safetensors.index.json'));
  if (!hasWeights && isSharded) return sharded(files);
  const missing: string[] = [];
  if (!(await has('config.json'))) missing.push('config.json');
  if (!(await has('tokenizer.json')) && !((await has('vocab.json')) && (await has('merges.txt')))) {
    missing.push('tokenizer.json (or vocab.json and merges.txt)');
  }
  if (!hasWeights) missing.push('model.safetensors');
  const place = files.kind === 'files' ? 'The dropped files hold' : `${files.name} has`;
  return new TuneletError(
    'model/missing-file',
    `${place} no ${missing.join(', no ')}.${found(files)}`,
    await remedy(hasWeights, has),
    { missing: missing.join(', '), found: (files.listed ?? []).slice(0, 20).join(', ') },
  );
}

async function remedy(hasWeights: boolean, has: (fileName: string) => Promise<boolean>): Promise<string> {
  if (!hasWeights && (await has('adapter_config.json'))) {
    return 'These are the files of an adapter. Choose its base model here, and import the adapter afterwards.';
  }
  if (!hasWeights && (await has('pytorch_model.bin'))) {
    return 'pytorch_model.bin cannot be read safely in a browser. Load the model with transformers and save it again: model.save_pretrained(folder) writes model.safetensors.';
  }
  return 'Drop the whole model folder: config.json, tokenizer.json (or vocab.json and merges.txt) and model.safetensors.';
}

function sharded(files: FileSource): TuneletError {
  return new TuneletError(
    'model/unsupported',
    `${files.name ?? 'The dropped model'} keeps its weights in several safetensors files; one file is read.`,
    'Choose a smaller model, or save this one in one piece: model.save_pretrained(folder, max_shard_size="100GB").',
    { model: files.name ?? '' },
  );
}

function found(files: FileSource): string {
  if (files.listed === null) return '';
  if (files.listed.length === 0) return ' No file was dropped.';
  const rest = files.listed.length > 8 ? ` and ${files.listed.length - 8} more` : '';
  return ` Found: ${files.listed.slice(0, 8).join(', ')}${rest}.`;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function isShard(name: string): boolean {
  return name === 'model.safetensors.index.json' || /-\d{5}-of-\d{5}\.safetensors$/.test(name);
}
