import { TuneletError } from './errors';
import { PatternMatcher } from './patternMatcher';
import { parsePattern, PatternError, type PatternNode } from './patternSyntax';

const longestPattern = 1000;
const mostRepeats = 200;
/** Of states by characters, over all paths of a model. */
const mostVisits = 100_000_000;

/** What Python and JavaScript read alike: classes of characters, groups that are only groups, counts, and any other character as itself. */
const tokens = {
  character: /\\[dDwWsS]|\\[^A-Za-z0-9]|[^\\()[\]{}*+?]/uy,
  characters: /\[\^?(?:\\[dDwWsS]|\\[^A-Za-z0-9]|[^\\[\]])+\]/uy,
  group: /\((?:\?:)?(?!\?)|\)/uy,
  count: /[*+?]\??|\{\d{0,4},?\d{0,4}\}\??/uy,
} as const;

/**
 * A test of whole paths by a regular expression that chooses modules, as an untrusted adapter_config.json may bring it. Known:
 * literals, `.`, classes, `\d \w \s`, groups, `|`, `* + ?`, counts and anchors; what else Python knows is refused.
 * @throws TuneletError 'adapter/unsupported' for what is no such expression, or too large
 */
export function pathPattern(pattern: string): (path: string) => boolean {
  if (pattern.length > longestPattern) throw refused(pattern, `has ${pattern.length} characters, more than ${longestPattern}`);
  return inWords(pattern, () => {
    const whole: PatternNode = {
      kind: 'all',
      parts: [{ kind: 'assert', what: 'start' }, parsePattern(asJavaScript(pattern)), { kind: 'assert', what: 'end' }],
    };
    const matcher = new PatternMatcher(whole, { ignoreCase: false, mostVisits });
    return (path) => inWords(pattern, () => matcher.isIn(path));
  });
}

/** The same expression where JavaScript writes it otherwise: `{,3}`, and backslashes before characters that need none. */
function asJavaScript(pattern: string): string {
  let written = '';
  for (let at = 0; at < pattern.length;) {
    const [kind, token] = tokenAt(pattern, at);
    written += kind === 'count' ? bounded(token) : kind === 'group' ? token : plainly(token, kind === 'characters');
    at += token.length;
  }
  return written;
}

function tokenAt(pattern: string, at: number): [keyof typeof tokens, string] {
  for (const kind of ['character', 'characters', 'group', 'count'] as const) {
    const expression = tokens[kind];
    expression.lastIndex = at;
    const [token] = expression.exec(pattern) ?? [];
    if (token !== undefined) return [kind, token];
  }
  throw new PatternError('unsupported', `has something at character ${at + 1} that is not understood`);
}

function bounded(token: string): string {
  const numbers = token.match(/\d+/g)?.map(Number) ?? [];
  if (numbers.some((count) => count > mostRepeats)) {
    throw new PatternError('tooLarge', `repeats a part more than ${mostRepeats} times`);
  }
  return token.replace('{,', '{0,');
}

/** JavaScript knows a backslash before what has a meaning of its own, and in a class before a hyphen. */
function plainly(token: string, inClass: boolean): string {
  return token.replace(/\\([^A-Za-z0-9])/gu, (escaped, character: string) =>
    '^$\\.*+?()[]{}|/'.includes(character) || (inClass && character === '-') ? escaped : character,
  );
}

function inWords<T>(pattern: string, action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    if (!(thrown instanceof PatternError)) throw thrown;
    throw refused(pattern, thrown.message);
  }
}

function refused(pattern: string, reason: string): TuneletError {
  const shown = pattern.slice(0, 60);
  return new TuneletError(
    'adapter/unsupported',
    `target_modules is the regular expression “${shown}”, which ${reason}.`,
    'Write target_modules as a list of module names, for example ["q_proj", "v_proj"].',
    { setting: 'target_modules', value: shown },
  );
}
