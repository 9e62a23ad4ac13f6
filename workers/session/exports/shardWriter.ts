import type { SafetensorsLayout } from '../../files/safetensorsShards';

type Writer = WritableStreamDefaultWriter<Uint8Array>;

/** Writes tensors into the files of a layout, in its order; waits for whoever reads the file under way. */
export class ShardWriter {
  readonly #layout: SafetensorsLayout;
  readonly #writers: readonly Writer[];
  readonly #shardOf = new Map<string, number>();
  readonly #shapes = new Map<string, readonly number[]>();
  #shard = 0;
  #gathered: { name: string; values: Float32Array; filled: number } | null = null;

  constructor(layout: SafetensorsLayout, writers: readonly Writer[]) {
    this.#layout = layout;
    this.#writers = writers;
    layout.shards.forEach(({ tensors }, at) => {
      for (const { name, shape } of tensors) {
        this.#shardOf.set(name, at);
        this.#shapes.set(name, shape);
      }
    });
  }

  /** Writes the header of the file that comes next. */
  async begin(): Promise<void> {
    await this.#push(this.#layout.shards[this.#shard]?.header ?? new Uint8Array());
  }

  /** The next bytes of a tensor. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    while (this.#shard < (this.#shardOf.get(name) ?? 0)) {
      await this.#writers[this.#shard]?.close();
      this.#shard += 1;
      await this.begin();
    }
    await this.#push(bytes);
  }

  /** Rows of a tensor that is needed whole: the whole once its last have come, until then null. */
  gather(name: string, rows: Float32Array): Float32Array | null {
    const size = (this.#shapes.get(name) ?? []).reduce((product, length) => product * length, 1);
    if (this.#gathered?.name !== name) this.#gathered = { name, values: new Float32Array(size), filled: 0 };
    const { values, filled } = this.#gathered;
    values.set(rows, filled);
    this.#gathered.filled = filled + rows.length;
    if (this.#gathered.filled < size) return null;
    this.#gathered = null;
    return values;
  }

  async end(): Promise<void> {
    await this.#writers[this.#shard]?.close();
  }

  /** Ends the file under way and those to come with an error. */
  async abort(reason: unknown): Promise<void> {
    await Promise.all(this.#writers.slice(this.#shard).map((writer) => writer.abort(reason).catch(() => undefined)));
  }

  async #push(bytes: Uint8Array): Promise<void> {
    await this.#writers[this.#shard]?.write(bytes);
  }
}
