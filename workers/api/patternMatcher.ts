import { PatternError, type PatternNode } from './patternSyntax';

type State =
  | { kind: 'character'; atom: number; next: number }
  | { kind: 'assert'; what: 'start' | 'end' | 'boundary' | 'inside'; next: number }
  | { kind: 'fork'; nexts: number[] }
  | { kind: 'found' };

/** What a matcher may cost, and whether capitals and small letters are alike. */
export interface MatcherOptions {
  ignoreCase: boolean;
  /** Of states by characters, over all texts. */
  mostVisits: number;
}

const mostStates = 4000;
const keptAnswers = 4096;

/**
 * Finds a regular expression in texts in time proportional to their length: all ways through it are followed at once, character by
 * character (Thompson 1968, "Regular expression search algorithm"), so no pattern can run away on any text. What single characters match is
 * asked of the browser's own expressions.
 */
export class PatternMatcher {
  private readonly flags: string;
  private readonly states: State[] = [{ kind: 'found' }];
  private readonly start: number;
  private readonly atoms: CharacterTest[] = [];
  private readonly atomOf = new Map<string, number>();
  /** The position, counted over all texts, at which a state was last entered. */
  private readonly entered: Float64Array;
  private clock = 0;
  private readonly firsts: boolean[] | null;
  /** States that may still be visited. */
  private visitsLeft: number;

  /** Throws a PatternError for patterns of too many states. */
  constructor(pattern: PatternNode, { ignoreCase, mostVisits }: MatcherOptions) {
    this.flags = ignoreCase ? 'iu' : 'u';
    this.visitsLeft = mostVisits;
    this.start = this.compile(pattern, 0);
    this.entered = new Float64Array(this.states.length);
    this.firsts = this.firstCharacters();
  }

  /** True where some part of the text matches. Throws a PatternError once `mostVisits` is used up. */
  isIn(text: string): boolean {
    const here: number[] = [];
    const nexts: number[] = [];
    let before = -1;
    for (let at = 0; ;) {
      const code = text.codePointAt(at) ?? -1;
      if (nexts.length > 0 || !this.cannotStart(code)) {
        this.clock += 1;
        nexts.push(this.start);
        if (this.enter(nexts, before, code, here)) return true;
      }
      if (code === -1) return false;
      for (const index of here) {
        const state = this.states[index]!;
        if (state.kind === 'character' && this.atoms[state.atom]!.accepts(code)) nexts.push(state.next);
      }
      here.length = 0;
      before = code;
      at += code > 0xffff ? 2 : 1;
    }
  }

  /** True where no match begins with this character, so that most of a text is passed by. */
  private cannotStart(code: number): boolean {
    return code >= 0 && code < 128 && this.firsts !== null && !this.firsts[code]!;
  }

  /** For each ASCII character whether a match may begin with it; null where one may begin without any. */
  private firstCharacters(): boolean[] | null {
    const firsts = Array.from({ length: 128 }, () => false);
    const waiting = [this.start];
    const seen = new Set<number>();
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      if (seen.has(index)) continue;
      seen.add(index);
      const state = this.states[index]!;
      if (state.kind === 'found' || state.kind === 'assert') return null;
      if (state.kind === 'fork') waiting.push(...state.nexts);
      else for (let code = 0; code < 128; code += 1) firsts[code] ||= this.atoms[state.atom]!.accepts(code);
    }
    return firsts;
  }

  /**
   * Follows forks and assertions from the `waiting` states, which it uses up, to those that read a character, into `here`; true once the end
   * of the pattern is reached. No character before or after is -1.
   */
  private enter(waiting: number[], before: number, after: number, here: number[]): boolean {
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      if (this.entered[index] === this.clock) continue;
      this.entered[index] = this.clock;
      if (--this.visitsLeft < 0) throw tooLong();
      const state = this.states[index]!;
      if (state.kind === 'found') return true;
      if (state.kind === 'character') here.push(index);
      else if (state.kind === 'fork') waiting.push(...state.nexts);
      else if (holds(state.what, before, after)) waiting.push(state.next);
    }
    return false;
  }

  /** Adds the states of a part that goes on to `next`; gives the first of them. */
  private compile(node: PatternNode, next: number): number {
    if (node.kind === 'all') return node.parts.reduceRight((after, part) => this.compile(part, after), next);
    if (node.kind === 'any') return this.add({ kind: 'fork', nexts: node.choices.map((choice) => this.compile(choice, next)) });
    if (node.kind === 'assert') return this.add({ kind: 'assert', what: node.what, next });
    if (node.kind === 'atom') return this.add({ kind: 'character', atom: this.atom(node.source), next });
    return this.compileRepeat(node, next);
  }

  private compileRepeat({ part, least, most }: Extract<PatternNode, { kind: 'repeat' }>, next: number): number {
    if (least > mostStates || (most !== Infinity && most > mostStates)) throw tooLarge();
    let first = next;
    if (most === Infinity) {
      const loop: State = { kind: 'fork', nexts: [next] };
      first = this.add(loop);
      loop.nexts.push(this.compile(part, first));
    } else {
      for (let optional = least; optional < most; optional += 1) {
        first = this.add({ kind: 'fork', nexts: [next, this.compile(part, first)] });
      }
    }
    for (let needed = 0; needed < least; needed += 1) {
      const empty = first;
      first = this.compile(part, first);
      // A part without a state of its own, such as (), changes nothing however often it stands there.
      if (first === empty) break;
    }
    return first;
  }

  private add(state: State): number {
    if (this.states.length >= mostStates) throw tooLarge();
    return this.states.push(state) - 1;
  }

  private atom(source: string): number {
    const known = this.atomOf.get(source);
    if (known !== undefined) return known;
    const index = this.atoms.push(new CharacterTest(source, this.flags)) - 1;
    this.atomOf.set(source, index);
    return index;
  }
}

/** Whether single characters match an atom, remembered. */
class CharacterTest {
  private readonly expression: RegExp;
  private readonly ascii: boolean[];
  private readonly others = new Map<number, boolean>();

  constructor(source: string, flags: string) {
    this.expression = new RegExp(`^(?:${source})$`, flags);
    this.ascii = Array.from({ length: 128 }, (_, code) => this.expression.test(String.fromCodePoint(code)));
  }

  accepts(code: number): boolean {
    if (code < 128) return this.ascii[code]!;
    const known = this.others.get(code);
    if (known !== undefined) return known;
    if (this.others.size >= keptAnswers) this.others.clear();
    const accepted = this.expression.test(String.fromCodePoint(code));
    this.others.set(code, accepted);
    return accepted;
  }
}

const wordCharacter = new CharacterTest('\\w', 'iu');

function holds(what: 'start' | 'end' | 'boundary' | 'inside', before: number, after: number): boolean {
  if (what === 'start') return before === -1;
  if (what === 'end') return after === -1;
  return (isWord(before) !== isWord(after)) === (what === 'boundary');
}

function isWord(code: number): boolean {
  return code >= 0 && wordCharacter.accepts(code);
}

function tooLarge(): PatternError {
  return new PatternError('tooLarge', `repeats so much that it would have over ${mostStates.toLocaleString('en')} states`);
}

function tooLong(): PatternError {
  return new PatternError('tooLong', 'takes too long on these texts, so it was stopped');
}
