import { TuneletError } from '../../api/errors';
import type { limits } from '../limits';

type Limits = Pick<typeof limits, 'inflatedBytes' | 'inflationRatio' | 'ratioFreeBytes'>;

/** Watches what is unpacked while it is unpacked. */
export class InflationGuard {
  #bytes = 0;
  readonly #name: string;
  readonly #limits: Limits;

  constructor(name: string, given: Limits) {
    this.#name = name;
    this.#limits = given;
  }

  /** Throws data/bad-archive where `bytes` more are too many, in all or against the `packedBytes` read so far. */
  add(bytes: number, packedBytes: number): void {
    this.#bytes += bytes;
    const { inflatedBytes, inflationRatio, ratioFreeBytes } = this.#limits;
    if (this.#bytes > inflatedBytes) throw this.#error(`more than ${inflatedBytes / 1024 ** 3} GiB come out of it`, packedBytes);
    if (this.#bytes > ratioFreeBytes && this.#bytes > inflationRatio * packedBytes) {
      throw this.#error(`it grows more than ${inflationRatio} times, as no text does`, packedBytes);
    }
  }

  #error(fault: string, packedBytes: number): TuneletError {
    return new TuneletError(
      'data/bad-archive',
      `Unpacking ${this.#name} was stopped: ${fault}.`,
      'If you trust the file, unpack it yourself and choose a part of what is in it.',
      { file: this.#name, packedBytes, inflatedBytes: this.#bytes },
    );
  }
}
