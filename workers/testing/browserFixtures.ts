const urls = import.meta.glob<string>('./fixtures/reference/*tiny*/**/*.{json,safetensors}', {
  query: '?url',
  import: 'default',
  eager: true,
});

/** Reads files of one reference case in the browser. */
export function caseReader(name: string): (file: string) => Promise<Uint8Array> {
  return async (file) => {
    const url = urls[`./fixtures/reference/${name}/${file}`];
    if (url === undefined) throw new Error(`There is no fixture ${name}/${file}.`);
    return new Uint8Array(await (await fetch(url)).arrayBuffer());
  };
}
