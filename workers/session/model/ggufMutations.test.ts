import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TuneletError } from '../../api/errors';
import { createTokenizer } from '../../tokenizer/tokenizer';
import { openModel } from '../../weights/openModel';

const tiny = new Uint8Array(
  readFileSync(new URL('../../testing/fixtures/reference/quant/llama-tiny-lm.Q4_0.gguf', import.meta.url)),
);
const headerBytes = 6666;

/** Places where a value of the metadata or of a tensor's description is written. */
const telling = ['llama.', 'general.', 'tokenizer.ggml.', '.weight'].flatMap((word) => {
  const found: number[] = [];
  for (let at = Buffer.from(tiny).indexOf(word); at >= 0 && at < headerBytes; at = Buffer.from(tiny).indexOf(word, at + 1))
    found.push(at);
  return found;
});

async function openAndRead(file: Uint8Array<ArrayBuffer>): Promise<void> {
  const source = { kind: 'files', files: [new File([file], 'tiny.gguf')] } as const;
  const model = await openModel({ ...source, files: [...source.files] }, { embeddedBase: 'http://unused/' });
  await model.streamTensors((name) => name, () => undefined); // prettier-ignore
  const { tokenizer } = model;
  if (!('tokenizerJson' in tokenizer)) throw new Error('A GGUF file has no vocab.json.');
  const { tokenizerJson, tokenizerConfigJson } = tokenizer;
  createTokenizer({ tokenizerJson, ...(tokenizerConfigJson && { tokenizerConfig: tokenizerConfigJson }) }).encode('a text');
}

test('a GGUF file with a changed header is a model, or a TuneletError says why not (property)', async () => {
  await openAndRead(tiny.slice());
  const at = fc.oneof(
    fc.tuple(fc.constantFrom(...telling), fc.nat(60)).map(([begin, further]) => Math.min(headerBytes, begin + further)),
    fc.nat(headerBytes),
  );
  const change = fc.record({ at, bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const file = tiny.slice();
      for (const { at: begin, bytes } of changes) file.set(bytes, begin);
      const error: unknown = await openAndRead(file).catch((thrown: unknown) => thrown);
      if (error === undefined) return;
      if (!(error instanceof TuneletError)) throw error;
      expect(error.code).toMatch(/^model\//);
    }),
    { numRuns: 400 },
  );
});
