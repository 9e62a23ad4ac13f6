import { numbersOf } from '../../../engine/quantisedBlocks';
import { encodeNumbers } from '../../../files/encodeNumbers';
import { layOutGguf, type GgufLayout, type GgufTensorToWrite, type GgufWrittenType } from '../../../files/ggufWriter';
import type { AdapterMerge } from '../../../lora/merge';
import { ggufName, type NamedTensor } from '../../../weights/ggufNames';
import { permuteRows, transposed } from '../../../weights/ggufRows';
import type { TensorChunk } from '../../../weights/streamTensors';
import type { ChosenModel } from '../../model/modelRoom';
import { modelMetadata } from './modelMetadata';
import { ggufArchitecture } from './refusals';
import { RowGroups } from './rowGroups';
import { tokenizerMetadata } from './tokenizerMetadata';

export interface GgufModelOptions {
  /** Of the run. */
  name: string;
  /** Of matrices; vectors and positions are float32, as llama.cpp's own converter has them. */
  type: GgufWrittenType;
  /** Null: the base as it is. */
  merge: AdapterMerge | null;
  signal: AbortSignal;
  onProgress: (doneBytes: number, totalBytes: number) => void;
}

/** A tensor on its way from the base's files. */
interface Planned extends NamedTensor {
  /** In the task model. */
  path: string;
  shape: readonly number[];
  groups: RowGroups;
}

const ropeFactorsName = 'rope_freqs.weight';

/** A model as one GGUF file, written while the base streams by once. */
export class GgufModel {
  readonly #model: ChosenModel;
  readonly #options: GgufModelOptions;
  readonly #layout: GgufLayout;
  readonly #ropeFactors: Float32Array | null;
  readonly #planned: ReadonlyMap<string, Planned>;
  readonly #types: ReadonlyMap<string, GgufWrittenType>;
  #doneBytes = 0;

  /** @throws TuneletError 'export/unsupported' for a model or tokenizer that llama.cpp has no name for */
  static async create(model: ChosenModel, options: GgufModelOptions): Promise<GgufModel> {
    return new GgufModel(model, options, await tokenizerMetadata(model));
  }

  private constructor(model: ChosenModel, options: GgufModelOptions, tokenizer: Awaited<ReturnType<typeof tokenizerMetadata>>) {
    const { metadata, ropeFactors } = modelMetadata(model, options.name, options.type);
    this.#model = model;
    this.#options = options;
    this.#ropeFactors = ropeFactors;
    this.#planned = plannedTensors(model);
    const tensors = [...this.#planned.values()].map((planned) => written(planned, options.type));
    if (ropeFactors) tensors.unshift({ name: ropeFactorsName, shape: [ropeFactors.length], type: 'F32' });
    this.#types = new Map(tensors.map(({ name, type }) => [name, type]));
    this.#layout = layOutGguf({ ...metadata, ...tokenizer }, tensors);
  }

  get sizeBytes(): number {
    return this.#layout.sizeBytes;
  }

  /** The file's bytes. What goes wrong on the way ends whoever reads them. */
  stream(): ReadableStream<Uint8Array> {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    this.#write(writer).catch((thrown: unknown) => writer.abort(thrown).catch(() => undefined));
    return readable;
  }

  async #write(writer: WritableStreamDefaultWriter<Uint8Array>): Promise<void> {
    const { signal } = this.#options;
    const file = new FileInOrder(this.#layout, writer, (bytes) => {
      this.#doneBytes += bytes;
      this.#options.onProgress(this.#doneBytes, this.sizeBytes);
    });
    await file.push(this.#layout.header);
    if (this.#ropeFactors) await file.write(ropeFactorsName, encodeNumbers('F32', ropeFactorsName, this.#ropeFactors));
    const wanted = (name: string): string | null => (this.#planned.has(name) ? name : null);
    const onChunk = async (chunk: TensorChunk): Promise<void> => {
      signal.throwIfAborted();
      await this.#take(file, chunk);
    };
    await this.#model.files.streamTensors(wanted, onChunk, { signal });
    await writer.close();
  }

  async #take(file: FileInOrder, { name, rowLength, values }: TensorChunk): Promise<void> {
    const planned = this.#planned.get(name)!;
    const taken = planned.groups.take(numbersOf(values));
    if (!taken) return;
    const merged = this.#merged(planned, taken.rowOffset, rowLength, taken.values);
    const { name: own, isPermuted, isTransposed } = planned;
    const [rows = 1, columns = 1] = planned.shape;
    const moved = isPermuted
      ? permuteRows(merged, planned.shape.length === 1 ? 1 : rowLength, this.#model.base.headSize)
      : isTransposed
        ? transposed(merged, rows, columns, new Float32Array(merged.length))
        : merged;
    await file.write(own, encodeNumbers(this.#types.get(own) ?? 'F32', own, moved));
  }

  #merged({ path }: Planned, rowOffset: number, rowLength: number, values: Float32Array): Float32Array {
    const { merge } = this.#options;
    const saved = merge?.replaced(path);
    if (saved) return saved.slice(rowOffset * rowLength, rowOffset * rowLength + values.length);
    if (!merge?.changes(path)) return values;
    const rows = values.slice();
    merge.add(path, rowOffset, rows);
    return rows;
  }
}

/** By the names of the base's files, in their order. */
function plannedTensors({ base, files }: ChosenModel): Map<string, Planned> {
  const planned = new Map<string, Planned>();
  for (const { name, shape } of files.tensors) {
    const tensor = base.wantedTensor(name);
    if (tensor === null) continue;
    const own = base.modulePrefix + tensor;
    const path = base.tensors.has(own) ? own : tensor;
    const named = ggufName(path, ggufArchitecture(base));
    if (named === null) throw new Error(`llama.cpp has no name for ${path}.`);
    const isVector = shape.length === 1;
    const [rows = 1] = shape;
    const group = named.isTransposed ? rows : named.isPermuted && !isVector ? base.headSize : 1;
    planned.set(name, { ...named, path, shape, groups: new RowGroups(group, shape.at(-1) ?? 1) });
  }
  return planned;
}

function written({ name, shape, isTransposed }: Planned, type: GgufWrittenType): GgufTensorToWrite {
  const stored = isTransposed ? shape.toReversed() : shape;
  const isPlain = shape.length === 1 || name === 'position_embd.weight';
  const fitting = type === 'Q8_0' && (stored.at(-1) ?? 0) % 32 !== 0 ? 'F16' : type;
  return { name, shape: stored, type: isPlain ? 'F32' : fitting };
}

/** Writes tensors one after the other, each piece by piece, with the zeros that follow it. */
class FileInOrder {
  readonly #layout: GgufLayout;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #onBytes: (bytes: number) => void;
  #at = 0;
  #filled = 0;

  constructor(layout: GgufLayout, writer: WritableStreamDefaultWriter<Uint8Array>, onBytes: (bytes: number) => void) {
    this.#layout = layout;
    this.#writer = writer;
    this.#onBytes = onBytes;
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const tensor = this.#layout.tensors[this.#at];
    if (tensor?.name !== name) throw new Error(`${name} came where ${tensor?.name} was to be written.`);
    await this.push(bytes);
    this.#filled += bytes.length;
    if (this.#filled < tensor.byteLength) return;
    if (tensor.paddingBytes > 0) await this.push(new Uint8Array(tensor.paddingBytes));
    this.#at += 1;
    this.#filled = 0;
  }

  async push(bytes: Uint8Array): Promise<void> {
    await this.#writer.write(bytes);
    this.#onBytes(bytes.length);
  }
}
