import { byteTokenizerJson } from './byteTokenizer';
import { firstBlock } from './firstBlock';

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

/** A Llama of two narrow blocks, or of the first alone, with a token for each byte, as dropped files. */
export async function tinyLlamaFiles(blocks: 1 | 2 = 2): Promise<File[]> {
  const read = caseReader('llama-tiny-lm');
  const config: object = JSON.parse(new TextDecoder().decode(await read('config.json')));
  const weights = await read('model.safetensors');
  return [
    new File([JSON.stringify({ ...config, num_hidden_layers: blocks })], 'config.json'),
    new File([new Uint8Array(blocks === 2 ? weights : firstBlock(weights))], 'model.safetensors'),
    new File([byteTokenizerJson()], 'tokenizer.json'),
  ];
}
