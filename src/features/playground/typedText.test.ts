import { expect, it } from 'vitest';
import { draftOf, isBlank, joinedDraft, typedText } from './typedText';

const pair = { first: 'question', second: 'answer', joiner: ' | ' };

it('one text is itself, and a pair is two that are both needed', () => {
  expect(typedText(['when', ''], null)).toBe('when');
  expect(typedText(['when', 'now'], pair)).toEqual(['when', 'now']);
  expect([isBlank(['when', ''], null), isBlank([' ', 'now'], null)]).toEqual([false, true]);
  expect([isBlank(['when', ' '], pair), isBlank(['when', 'now'], pair)]).toEqual([true, false]);
});

it('a text of the data goes into the fields and comes out as it was', () => {
  for (const text of ['when | now', 'when | now | then', 'no joiner in it']) {
    expect(joinedDraft(draftOf(text, null), null)).toBe(text);
  }
  expect(draftOf('when | now | then', pair)).toEqual(['when', 'now | then']);
  expect(joinedDraft(draftOf('when | now | then', pair), pair)).toBe('when | now | then');
});
