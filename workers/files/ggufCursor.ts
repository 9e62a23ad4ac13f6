/** The bytes end before the value does: more of the file is needed. */
export class OutOfBytes extends Error {
  override readonly name = 'OutOfBytes';
  /** Where the value would end, from the start of the bytes. */
  readonly neededBytes: number;

  constructor(neededBytes: number) {
    super(`Bytes up to ${neededBytes} are needed.`);
    this.neededBytes = neededBytes;
  }
}

/** A value in the bytes is not what the format allows; `message` continues “its …”. */
export class GgufFault extends Error {
  override readonly name = 'GgufFault';
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Walks through bytes, little-endian, and never beyond their end. */
export class GgufCursor {
  position = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  int8(): number {
    return this.#view.getInt8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  int16(): number {
    return this.#view.getInt16(this.#advance(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  float32(): number {
    return this.#view.getFloat32(this.#advance(4), true);
  }

  float64(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true);
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#advance(8), true);
  }

  /** A number of things or bytes, at most `maximum`. Throws GgufFault, with `what` for its subject. */
  count(what: string, maximum: number): number {
    const value = this.uint64();
    if (value > BigInt(maximum)) throw new GgufFault(`${what} is ${value}; at most ${maximum} is read`);
    return Number(value);
  }

  text(what: string, maximumBytes: number): string {
    const length = this.count(`length of ${what}`, maximumBytes);
    const begin = this.#advance(length);
    return decoder.decode(this.#bytes.subarray(begin, begin + length));
  }

  /** A copy of the next bytes, at the start of a buffer of its own. */
  copy(length: number): Uint8Array<ArrayBuffer> {
    const begin = this.#advance(length);
    return this.#bytes.slice(begin, begin + length);
  }

  /** Throws OutOfBytes unless so many bytes follow: asked before memory is set aside for them. */
  require(length: number): void {
    if (this.position + length > this.#bytes.length) throw new OutOfBytes(this.position + length);
  }

  #advance(length: number): number {
    this.require(length);
    const begin = this.position;
    this.position += length;
    return begin;
  }
}
