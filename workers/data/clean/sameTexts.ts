/**
 * Numbers texts: the same text has the same number. Holds a hash of each text, not the text; what hashes alike is compared with the
 * text itself, which `textAt` gives again.
 */
export class SameTexts {
  private readonly textAt: (place: number) => string;
  /** Of a hash, the place of the first text that has it. */
  private readonly first = new Map<number, number>();

  constructor(textAt: (place: number) => string) {
    this.textAt = textAt;
  }

  /** The place of the first text like this one, which may be `place` itself. */
  firstLike(text: string, place: number): number {
    const hash = hashOf(text);
    const first = this.first.get(hash);
    if (first === undefined) {
      this.first.set(hash, place);
      return place;
    }
    return this.textAt(first) === text ? first : place;
  }

  /** The place of a text that came before; null where none did. */
  find(text: string): number | null {
    const first = this.first.get(hashOf(text));
    return first !== undefined && this.textAt(first) === text ? first : null;
  }
}

/** 53 bits, so that a number holds it: two sums over the characters, each mixed by multiplication and xor-shift. */
function hashOf(text: string): number {
  let low = 0x9e3779b9;
  let high = 0x7f4a7c15;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x21f0aaad);
    high = Math.imul(high ^ unit, 0x735a2d97);
    low ^= low >>> 15;
    high ^= high >>> 13;
  }
  low = Math.imul(low ^ (high >>> 16), 0x735a2d97);
  high = Math.imul(high ^ (low >>> 15), 0x21f0aaad);
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
