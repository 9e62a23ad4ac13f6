import type { ListedFile } from './listedFile';

/** Files beside the weights that a model or the files of a run may need. */
const companions = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'vocab.json',
  'merges.txt',
  'special_tokens_map.json',
  'chat_template.jinja',
  'README.md',
];

/** What of a repository a model needs: its companions in the order above, then the weights. */
export function filesOfModel(files: readonly ListedFile[], weightsFile: string | null): ListedFile[] {
  const named = companions.flatMap((path) => files.find((file) => file.path === path) ?? []);
  return [...named, ...weightsOf(files, weightsFile)];
}

/**
 * The file named, or model.safetensors, or its shards and their index, or the only other safetensors file, or the only GGUF
 * file: what `openModel` will ask for, in the same order.
 */
function weightsOf(files: readonly ListedFile[], weightsFile: string | null): ListedFile[] {
  if (weightsFile !== null) return files.filter(({ path }) => path === weightsFile);
  const weights = files.filter(({ path }) => path.endsWith('.safetensors') && !path.includes('/'));
  const whole = weights.filter(({ path }) => path === 'model.safetensors');
  if (whole.length > 0) return whole;
  const index = files.filter(({ path }) => path === 'model.safetensors.index.json');
  const shards = weights.filter(({ path }) => /-\d{5}-of-\d{5}\.safetensors$/.test(path));
  if (index.length + shards.length > 0) return [...index, ...shards.sort((a, b) => (a.path < b.path ? -1 : 1))];
  const others = weights.filter(({ path }) => path !== 'adapter_model.safetensors');
  if (others.length > 0) return others.length === 1 ? others : [];
  const ggufs = ggufFiles({ files }).filter(({ path }) => !path.includes('/'));
  return ggufs.length === 1 ? ggufs : [];
}

/** The GGUF files of a repository, smallest first; those that are one of several parts are left out. */
export function ggufFiles({ files }: { files: readonly ListedFile[] }): ListedFile[] {
  const isPart = /-\d{5}-of-\d{5}\.gguf$/;
  const found = files.filter(({ path }) => path.endsWith('.gguf') && !isPart.test(path) && !/(^|\/)mmproj/.test(path));
  return found.sort((a, b) => a.sizeBytes - b.sizeBytes);
}

/** Weights are what a user waits for; everything else is small. */
export function isWeights(path: string): boolean {
  return /\.(safetensors|gguf)$/.test(path);
}
