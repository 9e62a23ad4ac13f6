import { describe, expect, it } from 'vitest';
import { namedLabel, unparsedShare } from './answers';

const labels = ['negative', 'neutral', 'positive', 'very positive'];

describe('the label that an answer names', () => {
  it.each([
    ['negative', 0],
    [' Neutral.\n', 1],
    ['**positive** because', 2],
    ['Very positive!', 3],
    ['The answer is neutral.', 1],
    ['It is very positive', 3],
    ['', null],
    ['I cannot say', null],
    ['either negative or neutral', null],
    ['nonnegative', null],
  ])('of %j is %s', (answer, label) => {
    expect(namedLabel(answer, labels)).toBe(label);
  });

  it('is missing in a share of the answers', () => {
    expect(unparsedShare([0, null, 1, null])).toBe(0.5);
    expect(unparsedShare([])).toBe(0);
  });
});
