/** A regular expression as a tree. An atom is the source of what one character must be. */
export type PatternNode =
  | { kind: 'atom'; source: string }
  | { kind: 'assert'; what: 'start' | 'end' | 'boundary' | 'inside' }
  | { kind: 'all'; parts: PatternNode[] }
  | { kind: 'any'; choices: PatternNode[] }
  | { kind: 'repeat'; part: PatternNode; least: number; most: number };

const assertions = new Map([
  ['^', 'start'],
  ['$', 'end'],
  ['\\b', 'boundary'],
  ['\\B', 'inside'],
] as const);
const escape = /\\(?:[pP]\{[^}]*\}|u\{[0-9a-f]+\}|u[0-9a-f]{4}(?:\\u[0-9a-f]{4})?|x[0-9a-f]{2}|c[a-z]|.)/iuy;
const characterClass = /\[(?:\\.|[^\]\\])*\]/suy;
const groupHead = /\((?:\?:|\?<(?![=!])[^>]*>)?(?!\?)/uy;
const repetition = /(?:[*+?]|\{\d+(?:,\d*)?\})\??/uy;

/**
 * A regular expression as JavaScript has it with the flag u. Bound its length first.
 * @throws PatternError where it is none, or one that may need more than one look at a character
 */
export function parsePattern(source: string): PatternNode {
  try {
    new RegExp(source, 'u');
  } catch (thrown) {
    throw notAPattern(thrown);
  }
  return new PatternParser(source).parse();
}

/** The source is known to be a regular expression, so brackets match and escapes are whole. */
class PatternParser {
  private readonly source: string;
  private at = 0;

  constructor(source: string) {
    this.source = source;
  }

  parse(): PatternNode {
    const choices = [this.sequence()];
    while (this.source[this.at] === '|') {
      this.at += 1;
      choices.push(this.sequence());
    }
    return choices.length === 1 ? choices[0]! : { kind: 'any', choices };
  }

  private sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (this.at < this.source.length && !'|)'.includes(this.source[this.at]!)) parts.push(this.term());
    return { kind: 'all', parts };
  }

  private term(): PatternNode {
    const part = this.source[this.at] === '(' ? this.group() : this.single();
    const words = this.take(repetition)?.replace(/(?<=.)\?$/, '');
    return words === undefined ? part : { kind: 'repeat', part, ...bounds(words) };
  }

  private group(): PatternNode {
    if (this.take(groupHead) === undefined) throw unsupported('looks ahead or behind, or changes its own flags');
    const inside = this.parse();
    this.at += 1;
    return inside;
  }

  private single(): PatternNode {
    const next = this.source[this.at]!;
    const source = next === '\\' ? this.take(escape)! : next === '[' ? this.take(characterClass)! : this.literal();
    if (/^\\[1-9k]/.test(source)) throw unsupported('refers back to what it has read');
    for (const [written, what] of assertions) if (source === written) return { kind: 'assert', what };
    return { kind: 'atom', source: withoutHalfPair(source, (unread) => (this.at -= unread)) };
  }

  private literal(): string {
    const literal = String.fromCodePoint(this.source.codePointAt(this.at)!);
    this.at += literal.length;
    return literal;
  }

  private take(expression: RegExp): string | undefined {
    expression.lastIndex = this.at;
    const [found] = expression.exec(this.source) ?? [];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}

/** `\ud83d\ude00` is one character; two such escapes that are no surrogate pair are two. */
function withoutHalfPair(source: string, giveBack: (characters: number) => void): string {
  const pair = /^\\u([0-9a-f]{4})\\u([0-9a-f]{4})$/i.exec(source);
  if (!pair || (/^d[89ab]/i.test(pair[1]!) && /^d[c-f]/i.test(pair[2]!))) return source;
  giveBack(6);
  return source.slice(0, 6);
}

function bounds(words: string): { least: number; most: number } {
  if (words === '*') return { least: 0, most: Infinity };
  if (words === '+') return { least: 1, most: Infinity };
  if (words === '?') return { least: 0, most: 1 };
  const [least = '', most] = words.slice(1, -1).split(',');
  return { least: Number(least), most: most === undefined ? Number(least) : most === '' ? Infinity : Number(most) };
}

/** Why a pattern is not run; whoever asked for it says so in words of its own. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly fault: 'syntax' | 'unsupported' | 'tooLarge' | 'tooLong';

  /** `message`: what the pattern does, to be read after its source. */
  constructor(fault: PatternError['fault'], message: string) {
    super(message);
    this.fault = fault;
  }
}

function notAPattern(thrown: unknown): PatternError {
  // Browsers repeat the pattern before they say what is wrong with it.
  const reason = thrown instanceof Error ? thrown.message.split(': ').at(-1) : String(thrown);
  return new PatternError('syntax', `is not a regular expression: ${reason}`);
}

function unsupported(what: string): PatternError {
  return new PatternError('unsupported', what);
}
