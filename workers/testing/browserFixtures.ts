import { byteTokenizerJson } from './byteTokenizer';

const urls = import.meta.glob<string>(
  ['./fixtures/reference/*tiny*/**/*.{json,safetensors}', './fixtures/reference/quant/*.{gguf,safetensors}'],
  {
    query: '?url',
    import: 'default',
    eager: true,
  },
);

/** Reads files of one reference case, or by `../` of another, in the browser. */
export function caseReader(name: string): (file: string) => Promise<Uint8Array> {
  return async (file) => {
    const path = file.startsWith('../') ? file.slice(3) : `${name}/${file}`;
    const url = urls[`./fixtures/reference/${path}`];
    if (url === undefined) throw new Error(`There is no fixture ${path}.`);
    return new Uint8Array(await (await fetch(url)).arrayBuffer());
  };
}

/** A Llama of two narrow blocks with a token for each byte, as dropped files: its kernels compile in a third of nano-gpt2's time. */
export async function tinyLlamaFiles(): Promise<File[]> {
  const read = caseReader('llama-tiny-lm');
  const file = async (name: string): Promise<File> => new File([new Uint8Array(await read(name))], name);
  return [await file('config.json'), await file('model.safetensors'), new File([byteTokenizerJson()], 'tokenizer.json')];
}
