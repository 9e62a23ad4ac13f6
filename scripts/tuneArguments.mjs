// What `npm run tune` is asked to do.
import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';

export const usage = `npm run tune -- [options]

Without options it tunes the embedded model on the embedded sample.

  --data FILE            training texts: CSV or other delimited text, JSON, JSON lines, Parquet, plain text, gzip or zip of these;
                         several times: files whose names say train, validation and test
  --validation FILE      validation texts; else a part of the training file
  --test FILE            test texts; else a part of the training file
  --dataset ID           instead of --data, a dataset of the Hugging Face Hub, such as stanfordnlp/sst2
  --config NAME          one of its configurations
  --rows N               at most so many rows of each of its splits, at even distances
  --model MODEL          a folder with config.json, tokenizer and model.safetensors, a GGUF file, or an id such as distilgpt2
  --task TASK            head: a classification head; prompt: the model's own words as answers; text: every token of
                         plain text (head; text where the data have no labels)
  --system TEXT          by prompt: what every conversation begins with
  --prompt TEMPLATE      by prompt: what is asked of a text, with {text} and {label}; \\n is a line break
  --encoding ENCODING    windows-1252, for text that is not UTF-8
  --leave-out-broken-rows  rows whose quotation mark never closes are skipped
  --inspect              reads the data, prints one JSON object about them and trains nothing
  --each                 with --inspect: every file of --data is a dataset of its own, with one line of JSON
  --predict FILE         labels the rows of a table by the model (--model) with an adapter and writes them into --out; trains nothing
  --adapter ZIP          with --predict: the adapter as it was downloaded
  --base                 with --predict: the base model under the adapter's head labels instead
  --label-words JSON     by prompt: what the model answers for a label, where it is not the label's name:
                         '{"0": "bad", "1": "good"}'; also --set label_words=… where no word has a space
  --text-column NAME     else guessed
  --text-pair-column NAME  with --predict: the second texts of a model that learned from pairs; else as there, or guessed
  --label-column NAME    else guessed
  --set NAME=VALUE …     settings by their Hugging Face names, such as learning_rate=5e-4 num_train_epochs=2;
                         max_steps=0 scores the base model alone; target_modules=k_proj,v_proj (names, all-linear or a
                         pattern of whole paths); layers_to_transform=0-3,7 adapts these blocks alone;
                         class_weights=balanced counts errors on rare classes the more; clean.html, clean.control,
                         clean.urls, clean.lowercase, clean.whitespace, clean.duplicates (=true) and clean.min_words=3
                         clean the texts first
  --out DIR              where the adapter and metrics.json go (out)
  --device auto|webgpu|wasm
  --headed               show the browser`;

/** What the user wrote makes no call. */
export class UsageError extends Error {}

/** @param {string[]} words @throws {UsageError} */
export function readArguments(words) {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      data: { type: 'string', multiple: true },
      dataset: text,
      config: text,
      rows: text,
      encoding: text,
      'leave-out-broken-rows': { type: 'boolean', default: false },
      inspect: { type: 'boolean', default: false },
      each: { type: 'boolean', default: false },
      predict: text,
      adapter: text,
      base: { type: 'boolean', default: false },
      validation: text,
      test: text,
      model: text,
      task: text,
      system: text,
      prompt: text,
      'label-words': text,
      'text-column': text,
      'text-pair-column': text,
      'label-column': text,
      set: { type: 'string', multiple: true },
      out: { type: 'string', default: 'out' },
      device: { type: 'string', default: 'auto' },
      headed: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (!['auto', 'webgpu', 'wasm'].includes(values.device))
    throw new UsageError(`--device is “${values.device}”. Choose auto, webgpu or wasm.`);
  if (values.task !== undefined && !['head', 'prompt', 'text'].includes(values.task))
    throw new UsageError(`--task is “${values.task}”. Choose head, prompt or text.`);
  if (values.task !== 'prompt' && (values.system ?? values.prompt ?? values['label-words']) !== undefined)
    throw new UsageError('--system, --prompt and --label-words need --task prompt: else nothing is asked.');
  if (values['label-words'] !== undefined) checkWords(values['label-words']);
  if (values.data === undefined && (values.validation ?? values.test) !== undefined) {
    throw new UsageError('--validation and --test need --data: the sample has its own splits.');
  }
  if (values.data !== undefined && values.dataset !== undefined) throw new UsageError('Give --data or --dataset, not both.');
  if (values.dataset === undefined && (values.config ?? values.rows) !== undefined)
    throw new UsageError('--config and --rows need --dataset.');
  if (values.inspect && (values.data ?? values.dataset) === undefined)
    throw new UsageError('--inspect needs --data or --dataset: there is nothing to look at.');
  if (values.each && (!values.inspect || values.data === undefined || (values.validation ?? values.test) !== undefined))
    throw new UsageError('--each needs --inspect and --data, without --validation and --test.');
  if ((values.predict === undefined) !== (values.adapter === undefined))
    throw new UsageError('--predict and --adapter go together: a table, and what labels it.');
  if (values['text-pair-column'] !== undefined && values.predict === undefined)
    throw new UsageError('--text-pair-column needs --predict and --adapter.');
  if (values.base && values.predict === undefined) throw new UsageError('--base needs --predict and --adapter.');
  if (values.predict !== undefined && (values.data ?? values.dataset) !== undefined)
    throw new UsageError('--predict trains nothing, so it takes neither --data nor --dataset.');
  if (values.encoding !== undefined && values.encoding !== 'windows-1252')
    throw new UsageError(
      `--encoding is “${values.encoding}”. UTF-8 and UTF-16 are found by themselves; else it is windows-1252.`,
    );
  for (const name of /** @type {const} */ (['data', 'validation', 'test', 'predict', 'adapter'])) {
    for (const file of [values[name] ?? []].flat()) {
      if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`--${name}: there is no file “${file}”.`);
    }
  }
  // `--set a=1 b=2`: all but the first arrive as loose words.
  const settings = [...(values.set ?? []), ...positionals].flatMap((word) => word.split(/\s+/)).map(readSetting);
  return { ...values, settings };
}

/** @param {string} text */
function checkWords(text) {
  /** @type {unknown} */
  let words = null;
  try {
    words = JSON.parse(text);
  } catch {
    // Said below.
  }
  const isObject = typeof words === 'object' && words !== null && !Array.isArray(words);
  if (!isObject || !Object.values(words ?? {}).every((word) => typeof word === 'string'))
    throw new UsageError(
      `label_words is “${text.slice(0, 60)}”. Write a JSON object of texts, such as {"0": "bad", "1": "good"}.`,
    );
}

/** @param {string} word */
function readSetting(word) {
  const match = /^([a-z_.]+)=(.+)$/.exec(word);
  if (!match?.[1] || !match[2])
    throw new UsageError(`“${word}” is not a setting. Write --set NAME=VALUE, for example --set learning_rate=5e-4.`);
  if (match[1] === 'label_words') checkWords(match[2]);
  return { name: match[1], value: match[2] };
}

/** @typedef {ReturnType<typeof readArguments>} Arguments */
