import { TuneletError } from '../api/errors';
import type { FileSource } from './fileSource';
import { findWeights, listedNames } from './findWeights';

/** What a model that cannot be opened lacks, said with what is there and what helps. */
export async function missingFiles(files: FileSource, signal: AbortSignal | undefined): Promise<TuneletError> {
  const has = async (fileName: string): Promise<boolean> => {
    if (files.listed !== null) return listedNames(files).includes(fileName);
    const opened = await files.open(fileName, { signal, firstBytes: 1 });
    await opened?.body.cancel();
    return opened !== null;
  };
  const hasWeights = files.listed === null ? await has('model.safetensors') : findWeights(files) !== null;
  const missing: string[] = [];
  if (!(await has('config.json'))) missing.push('config.json');
  if (!(await has('tokenizer.json')) && !((await has('vocab.json')) && (await has('merges.txt')))) {
    missing.push('tokenizer.json (or vocab.json and merges.txt)');
  }
  if (!hasWeights) missing.push('model.safetensors');
  if (missing.length === 0) missing.push('file that its index names');
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
  return 'Drop the whole model folder: config.json, tokenizer.json (or vocab.json and merges.txt) and model.safetensors. A GGUF file needs no other.';
}

function found(files: FileSource): string {
  if (files.listed === null) return '';
  if (files.listed.length === 0) return ' No file was dropped.';
  const rest = files.listed.length > 8 ? ` and ${files.listed.length - 8} more` : '';
  return ` Found: ${files.listed.slice(0, 8).join(', ')}${rest}.`;
}
