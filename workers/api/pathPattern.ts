import { TuneletError } from './errors';

/**
 * The regular expressions that choose modules by their whole paths, as an untrusted adapter_config.json may bring them. They are
 * run as an automaton, all branches side by side (Thompson 1968): the time is bounded by states times characters, whatever the
 * expression. Known: literals, `.`, classes, `\d \w \s`, groups, `|`, `* + ?` and counts; what else Python knows is refused.
 */

/** What one character must be; null: nothing is read. */
type Accepts = ((character: string) => boolean) | null;

interface State {
  accepts: Accepts;
  next: number[];
}

/** A part of the automaton: entered at `start`, left at `end`. */
interface Piece {
  start: number;
  end: number;
}

const longestPattern = 1000;
const mostStates = 5000;
const mostRepeats = 200;

/**
 * A test of whole paths.
 * @throws TuneletError 'adapter/unsupported' for what is no such expression, or too large
 */
export function pathPattern(pattern: string): (path: string) => boolean {
  if (pattern.length > longestPattern) throw refused(pattern, `it has ${pattern.length} characters, more than ${longestPattern}`);
  const { states, piece } = new PatternParser(pattern).parse();
  return (path) => {
    let current = reached(states, [piece.start]);
    for (const character of path) {
      const stepped = [...current].flatMap((index) => {
        const { accepts, next } = states[index]!;
        return accepts?.(character) ? next : [];
      });
      current = reached(states, stepped);
    }
    return current.has(piece.end);
  };
}

/** All states that can be reached without reading. */
function reached(states: readonly State[], from: readonly number[]): Set<number> {
  const found = new Set<number>();
  const open = [...from];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (found.has(index)) continue;
    found.add(index);
    const { accepts, next } = states[index]!;
    if (accepts === null) open.push(...next);
  }
  return found;
}

const classes: Readonly<Record<string, (character: string) => boolean>> = {
  d: (character) => /\d/.test(character),
  D: (character) => /\D/.test(character),
  w: (character) => /\w/.test(character),
  W: (character) => /\W/.test(character),
  s: (character) => /\s/.test(character),
  S: (character) => /\S/.test(character),
};

class PatternParser {
  private readonly pattern: string;
  private readonly states: State[] = [];
  private at = 0;

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  parse(): { states: readonly State[]; piece: Piece } {
    // The whole path must match anyway, so the outer anchors say nothing.
    if (this.peek() === '^') this.at++;
    const piece = this.alternatives();
    if (this.peek() !== undefined) throw this.fault();
    return { states: this.states, piece };
  }

  private alternatives(): Piece {
    const branches = [this.sequence()];
    while (this.peek() === '|') {
      this.at++;
      branches.push(this.sequence());
    }
    const [only, second] = branches;
    if (only && !second) return only;
    const end = this.state(null);
    for (const branch of branches) this.link(branch.end, end);
    return { start: this.state(null, ...branches.map(({ start }) => start)), end };
  }

  private sequence(): Piece {
    const start = this.state(null);
    let end = start;
    for (let next = this.peek(); next !== undefined && next !== '|' && next !== ')'; next = this.peek()) {
      if (next === '$' && this.at === this.pattern.length - 1) {
        this.at++;
        break;
      }
      const piece = this.repeated();
      this.link(end, piece.start);
      end = piece.end;
    }
    return { start, end };
  }

  private repeated(): Piece {
    const begin = this.at;
    const first = this.atom();
    const count = this.count();
    if (!count) return first;
    const [least, most] = count;
    const behind = this.at;
    // Every repetition has states of its own: the atom is read once more.
    const again = (): Piece => {
      this.at = begin;
      const copy = this.atom();
      this.at = behind;
      return copy;
    };
    const start = this.state(null);
    const out = this.state(null);
    let end = start;
    for (let index = 0; index < (most === Infinity ? least : most); index++) {
      if (index >= least) this.link(end, out);
      const piece = again();
      this.link(end, piece.start);
      end = piece.end;
    }
    this.link(end, out);
    if (most === Infinity) {
      this.link(out, first.start);
      this.link(first.end, out);
    }
    return { start, end: out };
  }

  /** [least, most] of a quantifier, or null where there is none. Lazy ones match the same whole paths. */
  private count(): [number, number] | null {
    const simple: Readonly<Record<string, [number, number]>> = { '*': [0, Infinity], '+': [1, Infinity], '?': [0, 1] };
    const next = this.peek() ?? '';
    const given = simple[next];
    const counted = given ? null : /^\{(\d{0,4})(,?)(\d{0,4})\}/.exec(this.pattern.slice(this.at, this.at + 12));
    if (!given && !counted) {
      if (next === '{') throw this.fault();
      return null;
    }
    this.at += given ? 1 : (counted?.[0].length ?? 0);
    const range = given ?? rangeOf(counted);
    if (!range || range[0] > range[1] || range[0] > mostRepeats || (range[1] > mostRepeats && range[1] !== Infinity)) {
      throw this.fault();
    }
    if (this.peek() === '?') this.at++;
    if (['*', '+', '{'].includes(this.peek() ?? '')) throw this.fault();
    return range;
  }

  private atom(): Piece {
    const next = this.peek() ?? '';
    if (next === '(') return this.group();
    if ('*+?{}^$)]'.includes(next)) throw this.fault();
    this.at++;
    if (next === '[') return this.reader(this.charactersOf());
    if (next === '.') return this.reader((character) => character !== '\n');
    if (next !== '\\') return this.reader((character) => character === next);
    return this.reader(this.escaped());
  }

  private group(): Piece {
    this.at++;
    if (this.peek() === '?') {
      if (this.pattern[this.at + 1] !== ':') throw this.fault();
      this.at += 2;
    }
    const piece = this.alternatives();
    if (this.peek() !== ')') throw this.fault();
    this.at++;
    return piece;
  }

  /** Behind a backslash: a class, or a character that stands for itself. */
  private escaped(): (character: string) => boolean {
    const letter = this.peek();
    if (letter === undefined) throw this.fault();
    this.at++;
    if (Object.hasOwn(classes, letter)) return classes[letter]!;
    if (/[A-Za-z0-9]/.test(letter)) throw this.fault();
    return (character) => character === letter;
  }

  private charactersOf(): (character: string) => boolean {
    const isNegated = this.peek() === '^';
    if (isNegated) this.at++;
    const members: ((character: string) => boolean)[] = [];
    for (let next = this.peek(); next !== ']' || members.length === 0; next = this.peek()) {
      if (next === undefined || next === '[') throw this.fault();
      this.at++;
      if (next === '\\') {
        members.push(this.escaped());
        continue;
      }
      const last = this.pattern[this.at + 1];
      if (this.peek() === '-' && last !== undefined && last !== ']') {
        if (last === '\\' || last < next) throw this.fault();
        this.at += 2;
        members.push((character) => character >= next && character <= last);
      } else members.push((character) => character === next);
    }
    this.at++;
    return (character) => members.some((accepts) => accepts(character)) !== isNegated;
  }

  private reader(accepts: (character: string) => boolean): Piece {
    const end = this.state(null);
    return { start: this.state(accepts, end), end };
  }

  private state(accepts: Accepts, ...next: number[]): number {
    if (this.states.length >= mostStates) throw refused(this.pattern, 'it is too large');
    return this.states.push({ accepts, next }) - 1;
  }

  private link(from: number, to: number): void {
    this.states[from]!.next.push(to);
  }

  private peek(): string | undefined {
    return this.pattern[this.at];
  }

  private fault(): TuneletError {
    return refused(this.pattern, `what stands at character ${this.at + 1} is not understood`);
  }
}

function rangeOf(counted: RegExpExecArray | null): [number, number] | null {
  const [, least = '', comma = '', most = ''] = counted ?? [];
  if (least === '' && most === '') return null;
  const first = Number(least || 0);
  return [first, comma === '' ? first : most === '' ? Infinity : Number(most)];
}

function refused(pattern: string, reason: string): TuneletError {
  const shown = pattern.slice(0, 60);
  return new TuneletError(
    'adapter/unsupported',
    `target_modules is the regular expression “${shown}”, and ${reason}.`,
    'Write target_modules as a list of module names, for example ["q_proj", "v_proj"].',
    { setting: 'target_modules', value: shown },
  );
}
