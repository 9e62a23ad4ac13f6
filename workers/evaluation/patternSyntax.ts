import { TuneletError } from '../api/errors';
import { mostRuleCharacters } from '../api/slices';

/** A regular expression as a tree. An atom is the source of what one character must be. */
export type PatternNode =
  | { kind: 'atom'; source: string }
  | { kind: 'assert'; what: 'start' | 'end' | 'boundary' | 'inside' }
  | { kind: 'all'; parts: PatternNode[] }
  | { kind: 'any'; choices: PatternNode[] }
  | { kind: 'repeat'; part: PatternNode; least: number; most: number };

/** Capitals and small letters alike, by code points. */
export const patternFlags = 'iu';

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

/** Throws data/bad-slice where it is no regular expression, or one that may need more than one look at a character. */
export function parsePattern(source: string): PatternNode {
  if (source === '' || source.length > mostRuleCharacters) throw badLength(source);
  try {
    new RegExp(source, patternFlags);
  } catch (thrown) {
    throw notAPattern(source, thrown);
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
    if (this.take(groupHead) === undefined) throw unsupported(this.source, 'looks ahead or behind, or changes its own flags');
    const inside = this.parse();
    this.at += 1;
    return inside;
  }

  private single(): PatternNode {
    const next = this.source[this.at]!;
    const source = next === '\\' ? this.take(escape)! : next === '[' ? this.take(characterClass)! : this.literal();
    if (/^\\[1-9k]/.test(source)) throw unsupported(this.source, 'refers back to what it has read');
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

function badLength(source: string): TuneletError {
  return new TuneletError(
    'data/bad-slice',
    source === ''
      ? 'The pattern is empty.'
      : `The pattern has ${source.length} characters; at most ${mostRuleCharacters} are read.`,
    'Write a regular expression such as refund|money back.',
    { characters: source.length },
  );
}

function notAPattern(source: string, thrown: unknown): TuneletError {
  // Browsers repeat the pattern before they say what is wrong with it.
  const reason = thrown instanceof Error ? thrown.message.split(': ').at(-1) : String(thrown);
  return new TuneletError(
    'data/bad-slice',
    `“${source}” is not a regular expression: ${reason}.`,
    'Correct it, or look for a word instead. A bracket, a dot or a star that is meant as itself has a backslash before it.',
    { pattern: source },
  );
}

function unsupported(source: string, what: string): TuneletError {
  return new TuneletError(
    'data/bad-slice',
    `“${source}” ${what}. Such a pattern can take for ever on some texts, so it is not run.`,
    'Write it without (?=…), (?!…), (?<=…), (?<!…) and \\1.',
    { pattern: source },
  );
}
