import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TuneletError } from '../api/errors';
import { rulePattern } from './rulePattern';

const atoms = [
  'a',
  'b',
  'B',
  '.',
  '\\d',
  '\\w',
  '\\s',
  '\\S',
  '[ab]',
  '[^a]',
  '[a-c\\]]',
  'é',
  'ß',
  '\\u{1F600}',
  '😀',
  '\\p{L}',
  '\\.',
];
const assertions = ['^', '$', '\\b', '\\B'];
const repeats = ['', '*', '+', '?', '*?', '+?', '{2}', '{0,2}', '{1,}', '{0}'];

const pattern = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(...atoms),
    fc.constantFrom(...assertions),
    fc.tuple(fc.constantFrom(...atoms), fc.constantFrom(...repeats)).map((parts) => parts.join('')),
    fc
      .tuple(fc.constantFrom('(', '(?:'), tie('node'), fc.constantFrom(...repeats))
      .map(([open, inside, repeat]) => `${open}${inside})${repeat}`),
    fc.tuple(tie('node'), tie('node')).map((parts) => parts.join('')),
    fc.tuple(tie('node'), tie('node')).map((parts) => parts.join('|')),
    fc.constant('()'),
  ),
})).node;
const text = fc.string({
  unit: fc.constantFrom('a', 'b', 'A', 'c', '1', ' ', '\n', 'é', 'ß', '😀', '.', '_', '\ud83d'),
  maxLength: 12,
});

function refusal(source: string, visits?: number, on = ''): string {
  try {
    rulePattern(source, visits)(on);
  } catch (thrown) {
    if (thrown instanceof TuneletError && thrown.code === 'data/bad-slice') return thrown.message;
    throw thrown;
  }
  return 'none';
}

describe('rulePattern', () => {
  it('finds what the browser’s own expressions find (property)', () => {
    const hits = { yes: 0, no: 0 };
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 6 }), (source, texts) => {
        fc.pre(source.length <= 200);
        const isIn = rulePattern(source);
        for (const each of texts) {
          // From the start, character by character: V8 alone also looks between the halves of a surrogate pair.
          const expected = new RegExp(`^[^]*?(?:${source})`, 'iu').test(each);
          hits[expected ? 'yes' : 'no'] += 1;
          expect(isIn(each), `/${source}/ in ${JSON.stringify(each)}`).toBe(expected);
        }
      }),
      { numRuns: 1000 },
    );
    expect(Math.min(hits.yes, hits.no)).toBeGreaterThan(200);
  });

  it('reads what people type', () => {
    const found = (source: string, on: string): boolean => rulePattern(source)(on);
    expect(found('refund|money back', 'I want my MONEY BACK')).toBe(true);
    expect(found('refund|money back', 'I want my money, back')).toBe(false);
    expect(found('^the .+ ferry\\b', 'The old ferry left')).toBe(true);
    expect(found('\\d{3,}', 'only 12 of 34')).toBe(false);
    expect(found('(?<year>19|20)\\d\\d', 'in 1987')).toBe(true);
    expect(found('\\ud83d\\ude00', 'a 😀 b')).toBe(true);
    expect(found('a\\{2\\}', 'a{2}')).toBe(true);
  });

  it('takes time proportional to the text where backtracking takes for ever', () => {
    const visits = 2_000_000;
    const many = 'a'.repeat(20_000);
    for (const source of ['(a+)+$', '^(a|a)*$', '(.*)*x', 'a*a*a*a*a*b', '^(([a-z])+.)+[A-Z]([a-z])+$']) {
      expect(rulePattern(source, visits)(`${many}!`), source).toBe(false);
    }
  });

  it('refuses kindly', () => {
    expect(refusal('')).toContain('empty');
    expect(refusal('a'.repeat(201))).toContain('201 characters');
    expect(refusal('(a')).toContain('not a regular expression');
    expect(refusal('a**')).toContain('not a regular expression');
    for (const source of ['a(?=b)', '(?<!a)b', '(?!a)']) expect(refusal(source)).toContain('looks ahead or behind');
    for (const source of ['(a)\\1', '(?<x>a)\\k<x>']) expect(refusal(source)).toContain('refers back');
    expect(refusal('((a{50}){50}){50}')).toContain('states');
    expect(refusal('a{99999999999}')).toContain('states');
    expect(refusal('(a|b)*c', 1000, 'ab'.repeat(1000))).toContain('too long');
  });
});
