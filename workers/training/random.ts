import { mix } from '../engine/dropout';

/** A seeded stream of uniform and normal numbers: the hash of a counter, so equal seeds give equal runs on every machine. */
export class RandomStream {
  private readonly key: number;
  private counter = 0;

  constructor(seed: number, stream: string) {
    let key = mix(seed);
    for (const character of stream) key = mix((key ^ (character.codePointAt(0) ?? 0)) >>> 0);
    this.key = key;
  }

  /** In [0, 1), 32 bits. */
  uniform(): number {
    return mix((mix(this.counter++ ^ this.key) + this.key) >>> 0) / 0x100000000;
  }

  /** Standard normal: Box and Muller 1958. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** An unsigned 32-bit number. */
  word(): number {
    return Math.floor(this.uniform() * 0x100000000) >>> 0;
  }
}
