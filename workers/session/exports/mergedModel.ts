import { numbersOf } from '../../engine/quantisedBlocks';
import { encodeNumbers } from '../../files/encodeNumbers';
import type { TensorToWrite, WrittenType } from '../../files/safetensorsHeader';
import { layOutSafetensors, type SafetensorsLayout } from '../../files/safetensorsShards';
import { mergedConfig } from '../../lora/mergedConfig';
import { AdapterMerge } from '../../lora/merge';
import type { BaseModel } from '../../models/architecture';
import type { TensorChunk } from '../../weights/streamTensors';
import { loraOf, tokenizerFiles } from './archive';
import type { Tuned } from '../run/finishedRun';
import { ShardWriter } from './shardWriter';

export interface MergeOptions {
  type: WrittenType;
  /** Numbers of one safetensors file, at most, unless one tensor has more. */
  shardBytes?: number;
  signal: AbortSignal;
  onProgress: (doneBytes: number, totalBytes: number) => void;
}

/** A file of a folder that is too large for memory. */
export interface StreamedFile {
  name: string;
  input: ReadableStream<Uint8Array> | string;
  size?: number;
}

/** A folder that is to be written as a zip; each file must be read to its end before the next is asked for. */
export interface StreamedFolder {
  /** Of the zip. */
  name: string;
  /** About. */
  sizeBytes: number;
  files: AsyncIterable<StreamedFile>;
}

/** Transformers' own limit is 50 GB; browsers and people do better with smaller files. */
const usualShardBytes = 2e9;

const scoreName = 'score.weight';

/** Base, adapter and head as one model: a folder for transformers' `from_pretrained`, file by file, while the base streams by once. */
export class MergedModel {
  readonly #base: BaseModel;
  readonly #tuned: Tuned;
  readonly #options: MergeOptions;
  readonly #merge: AdapterMerge;
  readonly #layout: SafetensorsLayout;
  readonly #head: Float32Array | null;
  #doneBytes = 0;

  constructor(tuned: Tuned, options: MergeOptions) {
    const { model, planned, labels, settings } = tuned.inputs;
    this.#base = model.base;
    this.#tuned = tuned;
    this.#options = options;
    const tensors = planned.graphs.layout.unpack(tuned.tunedParameters);
    this.#merge = new AdapterMerge(loraOf(settings), model.base, tensors);
    const isHead = settings.task === 'head';
    this.#head = isHead ? this.#merge.replaced(scoreName) : null;
    const written = model.files.tensors.flatMap(({ name, shape }): TensorToWrite[] => {
      const path = this.#pathOf(name);
      return path === null ? [] : [{ name: path, shape }];
    });
    if (this.#head) written.push({ name: scoreName, shape: [labels.length, model.base.width] });
    this.#layout = layOutSafetensors(written, options.type, options.shardBytes ?? usualShardBytes);
  }

  /** Of the weights' files. */
  get sizeBytes(): number {
    return this.#layout.shards.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** Names and sizes of all files. */
  list(readme: string): { name: string; sizeBytes: number }[] {
    const texts = this.#texts(readme).map(({ name, text }) => ({ name, sizeBytes: new TextEncoder().encode(text).length }));
    return [...texts, ...this.#layout.shards.map(({ fileName, sizeBytes }) => ({ name: fileName, sizeBytes }))];
  }

  /** Each file must be read to its end before the next is asked for. `readme`: the model card. */
  async *files(readme: string): AsyncGenerator<StreamedFile> {
    for (const { name, text } of this.#texts(readme)) yield { name, input: text };
    const { shards } = this.#layout;
    const pipes = shards.map(() => new TransformStream<Uint8Array, Uint8Array>());
    const writing = this.#write(pipes.map(({ writable }) => writable.getWriter()));
    // Whoever reads the file under way hears of it, and may not come back here.
    writing.catch(() => undefined);
    for (const [at, { fileName, sizeBytes }] of shards.entries()) {
      const pipe = pipes[at];
      if (pipe) yield { name: fileName, input: pipe.readable, size: sizeBytes };
    }
    await writing;
  }

  #texts(readme: string): { name: string; text: string }[] {
    const { model, labels } = this.#tuned.inputs;
    const { index } = this.#layout;
    const classes = this.#head ? { labels, padTokenId: model.padTokenId } : null;
    return [
      { name: 'README.md', text: readme },
      { name: 'config.json', text: mergedConfig(model.files.config, model.base, classes, this.#options.type) },
      ...tokenizerFiles(model),
      ...(index === null ? [] : [{ name: 'model.safetensors.index.json', text: index }]),
    ];
  }

  /** Streams the base through the adapter into the shards; what goes wrong ends the shard under way, and with it whoever reads it. */
  async #write(writers: readonly WritableStreamDefaultWriter<Uint8Array>[]): Promise<void> {
    const shards = new ShardWriter(this.#layout, writers);
    try {
      await shards.begin();
      await this.#tuned.inputs.model.files.streamTensors(
        (name) => this.#pathOf(name),
        async (chunk) => {
          this.#options.signal.throwIfAborted();
          await this.#writeChunk(shards, chunk);
        },
        { signal: this.#options.signal },
      );
      if (this.#head) await this.#writeRows(shards, scoreName, this.#head);
      await shards.end();
    } catch (thrown) {
      await shards.abort(thrown);
      throw thrown;
    }
  }

  async #writeChunk(shards: ShardWriter, { name, rowOffset, rowLength, values }: TensorChunk): Promise<void> {
    const saved = this.#merge.replaced(name);
    const count = values.length;
    if (saved) return this.#writeRows(shards, name, saved.slice(rowOffset * rowLength, rowOffset * rowLength + count));
    if (!this.#merge.changes(name)) {
      if (values instanceof Uint16Array && this.#options.type === 'F16') return this.#writeBytes(shards, name, values);
      return this.#writeRows(shards, name, numbersOf(values));
    }
    const rows = numbersOf(values).slice();
    if (!this.#merge.needsWhole(name)) {
      this.#merge.add(name, rowOffset, rows);
      return this.#writeRows(shards, name, rows);
    }
    const whole = shards.gather(name, rows);
    if (!whole) return;
    this.#merge.add(name, 0, whole);
    return this.#writeRows(shards, name, whole);
  }

  async #writeRows(shards: ShardWriter, name: string, rows: Float32Array): Promise<void> {
    return this.#writeBytes(shards, name, encodeNumbers(this.#options.type, name, rows));
  }

  async #writeBytes(shards: ShardWriter, name: string, values: Uint8Array | Uint16Array): Promise<void> {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    await shards.write(name, bytes);
    this.#doneBytes += bytes.length;
    this.#options.onProgress(this.#doneBytes, this.sizeBytes);
  }

  /** A stored tensor's name in the task model; null for what that does not have. */
  #pathOf(fileName: string): string | null {
    const base = this.#base;
    const tensor = base.wantedTensor(fileName);
    if (tensor === null) return null;
    const path = base.modulePrefix + tensor;
    if (base.tensors.has(path)) return path;
    // The language-model head, where it is not the embedding table itself.
    return tensor === base.outputTensor && this.#tuned.inputs.settings.task !== 'head' ? tensor : null;
  }
}
