import { loraTensor, savedTensor } from '../api/adapterNames';
import type { ModuleShapes } from '../api/modules';
import { adaptedModules } from './targets';
import { scalingOf, type LoraConfig } from './config';

/** What merging asks of a model. */
export interface MergeableModel {
  modules: ModuleShapes;
  /** Its adapted layers store weights as [in, out], as GPT-2's do. */
  fanInFanOut: boolean;
}

interface Adapted {
  inFeatures: number;
  outFeatures: number;
  /** [r, in] */
  a: Float32Array;
  /** [r, out]: B turned, so that a row of it goes with a row of A. */
  b: Float32Array;
  /** DoRA's, [out]. */
  magnitude: Float32Array | null;
}

/**
 * Adds an adapter to its base model's weights, as PEFT's `merge_and_unload`: W + s B A, with DoRA each output's row of it scaled to
 * its magnitude (Liu et al. 2024). Sums are taken in double precision and rounded once.
 */
export class AdapterMerge {
  readonly #adapted = new Map<string, Adapted>();
  readonly #tensors: ReadonlyMap<string, Float32Array>;
  readonly #scaling: number;
  readonly #rank: number;
  readonly #fanInFanOut: boolean;

  /** `tensors`: by PEFT's names, as `adapterShapes` lists them. */
  constructor(config: LoraConfig, model: MergeableModel, tensors: ReadonlyMap<string, Float32Array>) {
    this.#tensors = tensors;
    this.#scaling = scalingOf(config);
    this.#rank = config.r;
    this.#fanInFanOut = model.fanInFanOut;
    for (const module of adaptedModules(config, model.modules)) {
      const { inFeatures, outFeatures } = model.modules.get(module)!;
      const a = this.#tensor(loraTensor(module, 'lora_A'));
      const b = turned(this.#tensor(loraTensor(module, 'lora_B')), outFeatures, config.r);
      const magnitude = config.useDora ? this.#tensor(loraTensor(module, 'lora_magnitude_vector')) : null;
      this.#adapted.set(`${module}.weight`, { inFeatures, outFeatures, a, b, magnitude });
    }
  }

  /** A tensor that was trained as a whole takes the base's place; null for others. */
  replaced(path: string): Float32Array | null {
    return this.#tensors.get(savedTensor(path)) ?? null;
  }

  /** Whether `add` changes this tensor. */
  changes(path: string): boolean {
    return this.#adapted.has(path);
  }

  /** Whether `add` must be given all rows at once: the lengths of DoRA's rows run across stored ones. */
  needsWhole(path: string): boolean {
    return this.#fanInFanOut && this.#adapted.get(path)?.magnitude != null;
  }

  /** Adds the adapter to whole rows of the tensor at this path of the task model, in place. */
  add(path: string, rowOffset: number, values: Float32Array): void {
    const adapted = this.#adapted.get(path);
    if (!adapted) return;
    if (this.#fanInFanOut) this.#addToInputs(adapted, rowOffset, values);
    else this.#addToOutputs(adapted, rowOffset, values);
  }

  /** Rows are outputs: [out, in]. */
  #addToOutputs({ inFeatures, outFeatures, a, b, magnitude }: Adapted, rowOffset: number, values: Float32Array): void {
    const sum = new Float64Array(inFeatures);
    for (let at = 0; at < values.length; at += inFeatures) {
      const output = rowOffset + at / inFeatures;
      this.#sumRow(sum, values, at, (k) => b[k * outFeatures + output] ?? 0, a);
      const factor = magnitude ? (magnitude[output] ?? 0) / lengthOf(sum) : 1;
      for (let column = 0; column < inFeatures; column++) values[at + column] = sum[column]! * factor;
    }
  }

  /** Rows are inputs: [in, out]. */
  #addToInputs({ inFeatures, outFeatures, a, b, magnitude }: Adapted, rowOffset: number, values: Float32Array): void {
    const sum = new Float64Array(outFeatures);
    const squares = new Float64Array(outFeatures);
    for (let at = 0; at < values.length; at += outFeatures) {
      const input = rowOffset + at / outFeatures;
      this.#sumRow(sum, values, at, (k) => a[k * inFeatures + input] ?? 0, b);
      for (let column = 0; column < outFeatures; column++) {
        squares[column]! += sum[column]! ** 2;
        values[at + column] = sum[column]!;
      }
    }
    if (!magnitude) return;
    const factors = squares.map((square, column) => (magnitude[column] ?? 0) / Math.sqrt(square));
    for (let at = 0; at < values.length; at++) values[at]! *= factors[at % outFeatures]!;
  }

  /** `sum` = a row of the base + s times the rows of a factor, each by its weight. */
  #sumRow(sum: Float64Array, values: Float32Array, at: number, weightOf: (k: number) => number, factor: Float32Array): void {
    const { length } = sum;
    for (let column = 0; column < length; column++) sum[column] = values[at + column]!;
    for (let k = 0; k < this.#rank; k++) {
      const weight = this.#scaling * weightOf(k);
      const from = k * length;
      for (let column = 0; column < length; column++) sum[column]! += weight * factor[from + column]!;
    }
  }

  #tensor(name: string): Float32Array {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new Error(`The adapter's tensor ${name} is missing.`);
    return tensor;
  }
}

function turned(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column]!;
  return result;
}

function lengthOf(row: Float64Array): number {
  return Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
}
