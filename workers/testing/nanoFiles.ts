import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../../public/models/nano-gpt2/', import.meta.url);

/** The files of nano-gpt2, as the page hands over a folder of the user's. */
export const nanoFiles: File[] = readdirSync(folder)
  .filter((name) => /\.(json|safetensors)$/.test(name))
  .map((name) => new File([readFileSync(new URL(name, folder))], name));

/** `model.safetensors` of nano-gpt2. */
export const nanoWeights = (): Uint8Array => readFileSync(new URL('model.safetensors', folder));
