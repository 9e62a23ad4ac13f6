import { TuneletError } from '../api/errors';
import { mostRuleCharacters, mostRules, type SliceRule } from '../api/slices';
import { rulePattern } from './rulePattern';

/** Letters, digits and what joins them: no word ends between two of these. */
const joined = '[\\p{L}\\p{M}\\p{N}_]';
/** Written without spaces, so that a word has no visible end. */
const unspaced = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => `\\p{Script=${script}}`)
  .join('');

/** "contains “refund”", "matches /refund|money/". */
export function ruleWords(rule: SliceRule): string {
  return rule.kind === 'contains' ? `contains “${rule.words}”` : `matches /${rule.pattern}/`;
}

/** Throws data/bad-slice where there are too many. */
export function checkRuleCount(rules: readonly SliceRule[]): void {
  if (rules.length <= mostRules) return;
  throw new TuneletError(
    'data/bad-slice',
    `${rules.length} rules came; at most ${mostRules} are looked at together.`,
    'Remove a rule first.',
    { rules: rules.length },
  );
}

/** The rows of the texts that a rule means, ascending. Throws data/bad-slice where it cannot be read. */
export function rowsOfRule(rule: SliceRule, texts: readonly string[]): Int32Array {
  const isIn = testOf(rule);
  const rows: number[] = [];
  texts.forEach((text, row) => {
    if (isIn(text)) rows.push(row);
  });
  return Int32Array.from(rows);
}

function testOf(rule: SliceRule): (text: string) => boolean {
  if (rule.kind === 'contains') {
    const expression = wordExpression(rule.words);
    return (text) => expression.test(text);
  }
  return rulePattern(rule.pattern);
}

/** The words as they stand, whatever white space is between them; a literal is looked for in linear time. */
function wordExpression(words: string): RegExp {
  const parts = words.trim().split(/\s+/);
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (first === '' || words.length > mostRuleCharacters) {
    throw new TuneletError(
      'data/bad-slice',
      first === ''
        ? 'There is no word to look for.'
        : `The words have ${words.length} characters; at most ${mostRuleCharacters} are read.`,
      'Write a word, or a few in a row, such as money back.',
      { characters: words.length },
    );
  }
  const start = new RegExp(`^(?![${unspaced}])${joined}`, 'u').test(first) ? `(?<!${joined})` : '';
  const end = new RegExp(`(?![${unspaced}])${joined}$`, 'u').test(last) ? `(?!${joined})` : '';
  return new RegExp(`${start}${parts.map(literal).join('\\s+')}${end}`, 'iu');
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
