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
