// Counts how many tokens the texts of a dataset have; made the histograms beside this file, which hold numbers alone.
//   node e2e/bench/lengths/count.mjs --data train.csv --tokenizer public/models/nano-gpt2/tokenizer.json --cut 512
//   node e2e/bench/lengths/count.mjs --data train.csv --vocabulary encoder.json --merges vocab.bpe --cut 512
// The second form takes GPT-2's own files (vocab.json and merges.txt of openai-community/gpt2 are the same under other names).
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Tokenizer } from '@huggingface/tokenizers';
import Papa from 'papaparse';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    column: { type: 'string', default: 'text' },
    tokenizer: { type: 'string' },
    vocabulary: { type: 'string' },
    merges: { type: 'string' },
    cut: { type: 'string', default: '512' },
  },
});
if (!options.data) throw new Error('--data names the CSV file whose texts are counted.');

const tokenizer = new Tokenizer(tokenizerJson(), {});
const { data } = Papa.parse(readFileSync(options.data, 'utf8'), { header: true, skipEmptyLines: true });
const cut = Number(options.cut);
/** Index: tokens of a text; number: texts of that length. @type {number[]} */
const countOfLength = [0];
let total = 0;
for (const row of /** @type {Record<string, string>[]} */ (data)) {
  const length = Math.min(cut, tokenizer.encode(row[options.column] ?? '').ids.length);
  while (countOfLength.length <= length) countOfLength.push(0);
  countOfLength[length] = (countOfLength[length] ?? 0) + 1;
  total += length;
}
const texts = data.length;
console.log(JSON.stringify({ texts, mean: Number((total / texts).toFixed(3)), cut, countOfLength }));

function tokenizerJson() {
  if (options.tokenizer) return JSON.parse(readFileSync(options.tokenizer, 'utf8'));
  if (!options.vocabulary || !options.merges) throw new Error('Say --tokenizer, or --vocabulary and --merges.');
  const vocab = JSON.parse(readFileSync(options.vocabulary, 'utf8'));
  const lines = readFileSync(options.merges, 'utf8').split('\n');
  const merges = lines.filter((line) => line !== '' && !line.startsWith('#version'));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: { type: 'BPE', dropout: null, unk_token: null, vocab, merges },
  };
}
