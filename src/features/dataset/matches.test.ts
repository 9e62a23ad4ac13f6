import { expect, it } from 'vitest';
import { matches } from './matches';

it('parts a text where a word stands', () => {
  expect(matches('An Umbrella, an umbrella.', 'umbrella')).toEqual([
    { isMatch: false, part: 'An ' },
    { isMatch: true, part: 'Umbrella' },
    { isMatch: false, part: ', an ' },
    { isMatch: true, part: 'umbrella' },
    { isMatch: false, part: '.' },
  ]);
  expect(matches('none', '')).toEqual([{ isMatch: false, part: 'none' }]);
  expect(matches('İstanbul', 'i')).toEqual([{ isMatch: false, part: 'İstanbul' }]);
});
