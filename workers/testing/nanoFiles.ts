import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../../public/models/nano-gpt2/', import.meta.url);

/** The files of nano-gpt2, as the page hands over a folder of the user's. */
export const nanoFiles: File[] = readdirSync(folder)
  .filter((name) => /\.(json|safetensors)$/.test(name))
  .map((name) => new File([readFileSync(new URL(name, folder))], name));

/** `model.safetensors` of nano-gpt2. */
export const nanoWeights = (): Uint8Array => readFileSync(new URL('model.safetensors', folder));

/** The same files, but for one bit of a weight. */
export function nanoFilesOfOtherNumbers(): File[] {
  const changed = new Uint8Array(nanoWeights());
  changed[changed.length - 2]! ^= 1;
  return nanoFiles.map((file) => (file.name === 'model.safetensors' ? new File([changed], file.name) : file));
}
