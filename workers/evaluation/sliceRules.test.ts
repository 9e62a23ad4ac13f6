import { describe, expect, it } from 'vitest';
import { rowsOfRule, ruleWords } from './sliceRules';

describe('rules', () => {
  const texts = [
    'I want a refund.',
    'Refunded already',
    'money  back, please',
    'my-money backs',
    '返金してください',
    'C++ (old)',
  ];
  const rows = (words: string): number[] => [...rowsOfRule({ kind: 'contains', words }, texts)];

  it('contain whole words, whatever their letters’ case and the space between', () => {
    expect(rows('refund')).toEqual([0]);
    expect(rows('money back')).toEqual([2]);
    expect(rows('返金')).toEqual([4]);
    expect(rows('c++')).toEqual([5]);
    expect(rows('(old)')).toEqual([5]);
    expect(rows('nothing')).toEqual([]);
    expect(() => rows('  ')).toThrow('no word');
    expect(() => rows('x'.repeat(201))).toThrow('201 characters');
  });

  it('match patterns', () => {
    expect([...rowsOfRule({ kind: 'matches', pattern: 'refund(ed)?|^my' }, texts)]).toEqual([0, 1, 3]);
    expect(() => rowsOfRule({ kind: 'matches', pattern: '[' }, texts)).toThrow('not a regular expression');
    expect(ruleWords({ kind: 'matches', pattern: 'a|b' })).toBe('matches /a|b/');
  });
});
