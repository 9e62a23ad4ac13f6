import { expect, it } from 'vitest';
import { visibleSpace } from './visibleSpace';

it('shows what shows nothing, and leaves words alone', () => {
  expect(visibleSpace('  \n')).toEqual({ shown: '· · ⏎', isSpace: true });
  expect(visibleSpace('\u200b\u0000')).toEqual({ shown: 'U+200B U+0000', isSpace: true });
  expect(visibleSpace('a b')).toEqual({ shown: 'a b', isSpace: false });
  expect(visibleSpace(' '.repeat(30)).shown.endsWith('· …')).toBe(true);
});
