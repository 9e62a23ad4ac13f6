import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Dataset } from '../../data/dataset';
import { openDataset } from '../../data/openDataset';
import { createTokenizer } from '../../tokenizer/tokenizer';
import { EncodedDataset } from './encodedDataset';

const tokenizerOf = (folder: string) => {
  const path = new URL(`../../testing/fixtures/${folder}/tokenizer.json`, import.meta.url);
  return createTokenizer({ tokenizerJson: readFileSync(path, 'utf8') });
};

async function datasetOf(texts: readonly string[]): Promise<Dataset> {
  const rows = texts.map((text, index) => `"${text}",${index % 2 === 0 ? 'a' : 'b'}`);
  return Dataset.create(await openDataset({ train: new File([['text,label', ...rows].join('\n')], 'a.csv') }));
}

const texts = [...Array.from({ length: 18 }, (_, index) => `number ${index}`), 'the longest text of all of them here', 'no'];

it('finds the longest and the shortest text, and counts what the tokenizer does not know', async () => {
  const known = await EncodedDataset.encode(await datasetOf(texts), tokenizerOf('tokenizer-spm'), 64);
  const { extremes, coverage } = known.statistics(64);
  expect(extremes?.longest.text).toBe('the longest text of all of them here');
  expect(extremes?.shortest.text).toBe('no');
  expect(extremes!.shortest.tokens).toBeLessThan(extremes!.longest.tokens);
  expect(coverage?.unknown).toBe(0);
  // U+10A4D is in no vocabulary: its four bytes are a token each.
  const strange = await EncodedDataset.encode(
    await datasetOf([...texts, '\u{10a4d}', '\u{10a4d}']),
    tokenizerOf('tokenizer-spm'),
    64,
  );
  expect(strange.statistics(64).coverage?.unknown).toBe(8);
  expect(strange.statistics(64).coverage!.tokens).toBeGreaterThan(coverage!.tokens);
});

it('knows every text where bytes are tokens like any other', async () => {
  const encoded = await EncodedDataset.encode(
    await datasetOf([...texts, '\u{10a4d}', '\u{10a4d}']),
    tokenizerOf('tokenizer'),
    64,
  );
  expect(encoded.statistics(64).coverage?.unknown).toBe(0);
});

it('has a class and a length for each text', async () => {
  const encoded = await EncodedDataset.encode(await datasetOf(texts), tokenizerOf('tokenizer'), 64);
  expect(encoded.labels('train').length).toBe(encoded.count('train'));
  expect(encoded.lengths('train').length).toBe(encoded.count('train'));
});
