import { badGguf } from '../files/gguf';
import type { GgufValue } from '../files/ggufValues';

/** Metadata of a GGUF file by kind. What is absent is null; what is of another kind throws 'model/bad-gguf'. */
export class GgufMetadata {
  readonly fileName: string;
  readonly #values: ReadonlyMap<string, GgufValue>;

  constructor(values: ReadonlyMap<string, GgufValue>, fileName: string) {
    this.#values = values;
    this.fileName = fileName;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  text(key: string): string | null {
    const value = this.#values.get(key) ?? null;
    if (value === null || typeof value === 'string') return value;
    throw this.#wrong(key, 'text');
  }

  flag(key: string): boolean | null {
    const value = this.#values.get(key) ?? null;
    if (value === null || typeof value === 'boolean') return value;
    throw this.#wrong(key, 'true or false');
  }

  number(key: string): number | null {
    const value = this.#values.get(key) ?? null;
    if (value === null || typeof value === 'number') return value;
    throw this.#wrong(key, 'a number');
  }

  texts(key: string): readonly string[] | null {
    const value = this.#values.get(key) ?? null;
    if (value === null) return null;
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw this.#wrong(key, 'a list of texts');
  }

  numbers(key: string): readonly number[] | null {
    const value = this.#values.get(key) ?? null;
    if (value === null) return null;
    if (ArrayBuffer.isView(value) && !(value instanceof BigInt64Array) && !(value instanceof BigUint64Array)) return [...value];
    throw this.#wrong(key, 'a list of numbers');
  }

  /** A number that may be given for each layer; one number where all are the same. */
  sameInAllLayers(key: string): number | null {
    if (!ArrayBuffer.isView(this.#values.get(key))) return this.number(key);
    const numbers = this.numbers(key) ?? [];
    const [first] = numbers;
    if (first !== undefined && numbers.every((value) => value === first)) return first;
    throw this.#wrong(key, 'the same for every layer');
  }

  /** Throws 'model/bad-gguf' where it is absent. */
  required<T>(value: T | null, key: string): T {
    if (value === null) throw badGguf(this.fileName, `its metadata lack “${key}”`, { key });
    return value;
  }

  #wrong(key: string, kind: string): Error {
    return badGguf(this.fileName, `its metadata value “${key}” is not ${kind}`, { key });
  }
}
