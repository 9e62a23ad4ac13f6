import { TuneletError } from '../api/errors';
import { PatternMatcher } from '../api/patternMatcher';
import { parsePattern, PatternError } from '../api/patternSyntax';
import { mostRuleCharacters } from '../api/slices';

const remedies: Readonly<Record<PatternError['fault'], string>> = {
  syntax: 'Correct it, or look for a word instead. A bracket, a dot or a star that is meant as itself has a backslash before it.',
  unsupported:
    'Such a pattern can take for ever on some texts, so it is not run. Write it without (?=…), (?!…), (?<=…), (?<!…) and \\1.',
  tooLarge: 'Use smaller numbers in { }, or * and +.',
  tooLong: 'Write a shorter pattern, with fewer choices and repetitions.',
};

/**
 * A test of texts by a user's regular expression, capitals and small letters alike. `mostVisits`: of states by characters, over all texts.
 * @throws TuneletError 'data/bad-slice' for a pattern that is not run; the test throws it for one that takes too long
 */
export function rulePattern(source: string, mostVisits = 100_000_000): (text: string) => boolean {
  if (source === '' || source.length > mostRuleCharacters) throw badLength(source);
  const matcher = inWords(source, () => new PatternMatcher(parsePattern(source), { ignoreCase: true, mostVisits }));
  return (text) => inWords(source, () => matcher.isIn(text));
}

function inWords<T>(source: string, action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    if (!(thrown instanceof PatternError)) throw thrown;
    throw new TuneletError('data/bad-slice', `“${source}” ${thrown.message}.`, remedies[thrown.fault], { pattern: source });
  }
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
