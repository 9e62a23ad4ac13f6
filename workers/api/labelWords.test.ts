import { describe, expect, it } from 'vitest';
import { beginnings, labelWordsProblem, readLabelWords, withWord, wordFor, wordsOf } from './labelWords';

const labels = ['0', '1', '2'];

describe('words for labels', () => {
  it('are the labels’ names until another is given', () => {
    const words = withWord({}, '1', ' good ');
    expect(labels.map((label) => wordFor(label, words))).toEqual(['0', 'good', '2']);
    expect(withWord(words, '1', '1')).toEqual({});
    expect(wordsOf(['1', '2'], { ...words, 2: '2', gone: 'x' })).toEqual({ 1: 'good' });
  });

  it('take any name for a label', () => {
    const words = withWord({}, '__proto__', 'odd');
    expect(wordFor('__proto__', words)).toBe('odd');
    expect(wordFor('__proto__', {})).toBe('__proto__');
    expect(wordFor('toString', {})).toBe('toString');
    expect(readLabelWords(JSON.stringify(words))).toEqual(words);
  });

  it('must be there and differ', () => {
    expect(labelWordsProblem(labels, {})).toBeNull();
    expect(labelWordsProblem(labels, { 1: '  ' })).toContain('“1” is empty');
    expect(labelWordsProblem(labels, { 1: 'x'.repeat(201) })).toContain('201 characters');
    expect(labelWordsProblem(labels, { 0: 'bad', 2: 'bad ' })).toContain('“0” and “2” have the same word, “bad”');
    expect(labelWordsProblem(labels, { 0: '2' })).toContain('same word');
  });

  it('may begin alike, which is told', () => {
    expect(beginnings(labels, { 0: 'bad', 1: 'good', 2: 'badly' })).toEqual([{ short: 'bad', long: 'badly' }]);
    expect(beginnings(labels, {})).toEqual([]);
  });

  it('are read from an object of texts alone', () => {
    expect(readLabelWords('{"0": "bad"}')).toEqual({ 0: 'bad' });
    for (const text of ['', '[]', 'null', '{"0": 1}', '{']) expect(readLabelWords(text)).toBeNull();
  });
});
