/** A metadata value by its GGUF type. */
export type WrittenValue =
  | { uint32: number }
  | { float32: number }
  | { flag: boolean }
  | { text: string }
  | { texts: readonly string[] }
  | { floats: readonly number[] }
  | { ints: readonly number[] };

export interface WrittenTensor {
  name: string;
  /** As PyTorch says it. */
  shape: readonly number[];
  /** ggml's number of the type. */
  type: number;
  bytes: Uint8Array;
  /** Where the header says that it begins; where it does, unless given. */
  offset?: number;
}

/** A little-endian GGUF file of version 3, for tests. */
export function writeGguf(
  metadata: Readonly<Record<string, WrittenValue>>,
  tensors: readonly WrittenTensor[] = [],
  alignment = 32,
): Uint8Array<ArrayBuffer> {
  const file = new Writer();
  file.bytes(new TextEncoder().encode('GGUF')).uint32(3).uint64(tensors.length).uint64(Object.keys(metadata).length);
  for (const [key, value] of Object.entries(metadata)) writeValue(file.text(key), value);
  let end = 0;
  for (const { name, shape, type, bytes, offset = end } of tensors) {
    file.text(name).uint32(shape.length);
    for (const size of [...shape].reverse()) file.uint64(size);
    file.uint32(type).uint64(offset);
    end = Math.ceil((end + bytes.length) / alignment) * alignment;
  }
  file.padTo(alignment);
  for (const { bytes } of tensors) file.bytes(bytes).padTo(alignment);
  return file.done();
}

function writeValue(file: Writer, value: WrittenValue): void {
  if ('uint32' in value) file.uint32(4).uint32(value.uint32);
  else if ('float32' in value) file.uint32(6).float32(value.float32);
  else if ('flag' in value) file.uint32(7).bytes(Uint8Array.of(value.flag ? 1 : 0));
  else if ('text' in value) file.uint32(8).text(value.text);
  else if ('texts' in value) {
    file.uint32(9).uint32(8).uint64(value.texts.length);
    for (const text of value.texts) file.text(text);
  } else if ('floats' in value) {
    file.uint32(9).uint32(6).uint64(value.floats.length);
    for (const number of value.floats) file.float32(number);
  } else {
    file.uint32(9).uint32(5).uint64(value.ints.length);
    for (const number of value.ints) file.uint32(number);
  }
}

class Writer {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  bytes(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  uint32(value: number): this {
    return this.#number(4, (view) => view.setUint32(0, value, true));
  }

  float32(value: number): this {
    return this.#number(4, (view) => view.setFloat32(0, value, true));
  }

  uint64(value: number): this {
    return this.#number(8, (view) => view.setBigUint64(0, BigInt(value), true));
  }

  text(text: string): this {
    const bytes = new TextEncoder().encode(text);
    return this.uint64(bytes.length).bytes(bytes);
  }

  padTo(alignment: number): this {
    return this.bytes(new Uint8Array(Math.ceil(this.#length / alignment) * alignment - this.#length));
  }

  done(): Uint8Array<ArrayBuffer> {
    const file = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      file.set(part, at);
      at += part.length;
    }
    return file;
  }

  #number(size: number, write: (view: DataView) => void): this {
    const bytes = new Uint8Array(size);
    write(new DataView(bytes.buffer));
    return this.bytes(bytes);
  }
}
