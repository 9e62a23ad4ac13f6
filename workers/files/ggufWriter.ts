import { ggmlTypes } from './ggmlTypes';

/** A metadata value by its GGUF type. */
export type WrittenValue =
  | { uint32: number }
  | { float32: number }
  | { flag: boolean }
  | { text: string }
  | { texts: readonly string[] }
  | { floats: ArrayLike<number> }
  | { ints: ArrayLike<number> };

export type WrittenMetadata = Readonly<Record<string, WrittenValue>>;

/** A tensor as a header describes it. */
export interface DescribedTensor {
  name: string;
  /** As PyTorch says it. */
  shape: readonly number[];
  /** ggml's number of the type. */
  type: number;
  /** From the start of the data. */
  offset: number;
}

/** The types that tensors are written in. */
export type GgufWrittenType = 'F32' | 'F16' | 'Q8_0';

export interface GgufTensorToWrite {
  name: string;
  /** As PyTorch says it. */
  shape: readonly number[];
  type: GgufWrittenType;
}

/** A file before its numbers. */
export interface GgufLayout {
  /** All that comes before the first tensor's numbers. */
  header: Uint8Array<ArrayBuffer>;
  /** In the order of their bytes; `paddingBytes` of zeros follow each. */
  tensors: readonly (GgufTensorToWrite & { byteLength: number; paddingBytes: number })[];
  /** Header included. */
  sizeBytes: number;
}

const usualAlignment = 32;

/** Lays out a little-endian file of version 3, its tensors in the order given. Throws RangeError for rows that blocks do not divide. */
export function layOutGguf(metadata: WrittenMetadata, tensors: readonly GgufTensorToWrite[]): GgufLayout {
  let end = 0;
  const described: DescribedTensor[] = [];
  const placed = tensors.map((tensor) => {
    const { number, byteLength } = sizeOf(tensor);
    described.push({ name: tensor.name, shape: tensor.shape, type: number, offset: end });
    const paddingBytes = paddingAfter(byteLength, usualAlignment);
    end += byteLength + paddingBytes;
    return { ...tensor, byteLength, paddingBytes };
  });
  const header = ggufHeader(metadata, described);
  return { header, tensors: placed, sizeBytes: header.length + end };
}

/** A header, up to where the data begin. */
export function ggufHeader(
  metadata: WrittenMetadata,
  tensors: readonly DescribedTensor[],
  alignment = usualAlignment,
): Uint8Array<ArrayBuffer> {
  const file = new Writer();
  file.bytes(new TextEncoder().encode('GGUF')).uint32(3).uint64(tensors.length).uint64(Object.keys(metadata).length);
  for (const [key, value] of Object.entries(metadata)) writeValue(file.text(key), value);
  for (const { name, shape, type, offset } of tensors) {
    file.text(name).uint32(shape.length);
    for (const size of [...shape].reverse()) file.uint64(size);
    file.uint32(type).uint64(offset);
  }
  return file.bytes(new Uint8Array(paddingAfter(file.length, alignment))).done();
}

/** Zeros between what ends there and what begins next. */
export function paddingAfter(length: number, alignment: number): number {
  return Math.ceil(length / alignment) * alignment - length;
}

function sizeOf({ name, shape, type }: GgufTensorToWrite): { number: number; byteLength: number } {
  const [number, { blockNumbers, blockBytes }] = [...ggmlTypes].find(([, one]) => one.name === type)!;
  const rowLength = shape.at(-1) ?? 0;
  if (rowLength % blockNumbers !== 0) throw new RangeError(`Rows of ${name} have ${rowLength} numbers: no blocks of ${type}.`);
  return { number, byteLength: shape.reduce((product, size) => product * size, blockBytes) / blockNumbers };
}

function writeValue(file: Writer, value: WrittenValue): void {
  if ('uint32' in value) file.uint32(4).uint32(value.uint32);
  else if ('float32' in value) file.uint32(6).bytes(new Uint8Array(Float32Array.of(value.float32).buffer));
  else if ('flag' in value) file.uint32(7).bytes(Uint8Array.of(value.flag ? 1 : 0));
  else if ('text' in value) file.uint32(8).text(value.text);
  else if ('texts' in value) {
    file.uint32(9).uint32(8).uint64(value.texts.length);
    for (const text of value.texts) file.text(text);
  } else if ('floats' in value) {
    file.uint32(9).uint32(6).uint64(value.floats.length);
    file.bytes(new Uint8Array(Float32Array.from(value.floats).buffer));
  } else {
    file.uint32(9).uint32(5).uint64(value.ints.length);
    file.bytes(new Uint8Array(Int32Array.from(value.ints).buffer));
  }
}

const encoder = new TextEncoder();

class Writer {
  readonly #parts: Uint8Array[] = [];
  length = 0;

  bytes(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.length += bytes.length;
    return this;
  }

  uint32(value: number): this {
    return this.bytes(new Uint8Array(Uint32Array.of(value).buffer));
  }

  uint64(value: number): this {
    return this.bytes(new Uint8Array(BigUint64Array.of(BigInt(value)).buffer));
  }

  text(text: string): this {
    const bytes = encoder.encode(text);
    return this.uint64(bytes.length).bytes(bytes);
  }

  done(): Uint8Array<ArrayBuffer> {
    const file = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.#parts) {
      file.set(part, at);
      at += part.length;
    }
    return file;
  }
}
