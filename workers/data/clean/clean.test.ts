import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromCleaningNames, noCleaning, textSteps, toCleaningNames } from '../../api/cleaning';
import { cleanBy, cleanerOf, countWords } from './cleaner';
import { stripHtml } from './html';
import { changedPieces } from './pieces';

const some = { numRuns: 200 } as const;

describe('stripping HTML', () => {
  it.each([
    ['<p>Why is it &quot;closed&quot; all week?</p>', 'Why is it "closed" all week?'],
    ['One.<br /><br />Two.', 'One.\nTwo.'],
    ['a <b>bold</b> word, un<i>bro</i>ken', 'a bold word, unbroken'],
    ['<ul><li>first</li><li>second</li></ul>', 'first\nsecond'],
    ['Caf&eacute; &amp; bar &#8364;5 &#x1F600;', 'Café & bar €5 😀'],
    ['<img src=x onerror=alert(1)>seen', 'seen'],
    ['before<script>let a = "<b>";</script>after', 'beforeafter'],
    ['<!-- a note -->text', 'text'],
    // No tags at all.
    ['3 < 5 and 5 > 3', '3 < 5 and 5 > 3'],
    ['I <3 you', 'I <3 you'],
    ['if a<b then stop', 'if a<b then stop'],
    ['<b>x</b> and y<z', 'x and y<z'],
    ['AT&T & co', 'AT&T & co'],
    ['&amp;lt;', '&lt;'],
    ['', ''],
  ])('%j becomes %j', (before, after) => expect(stripHtml(before)).toBe(after));

  it('leaves texts without markup as they are', () => {
    const plain = fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[<&]/g, ''));
    fc.assert(
      fc.property(plain, (text) => {
        expect(stripHtml(text)).toBe(text);
      }),
      some,
    );
  });

  it('takes any text and leaves no whole tag of letters', () => {
    const markup = fc.array(
      fc.constantFrom('<b>', '</b>', '<p', '>', '<', '&amp;', '&', 'x', ' ', '<!--', '-->', '<script>', '"', "'"),
    );
    fc.assert(
      fc.property(markup, (parts) => {
        expect(stripHtml(parts.join(''))).not.toMatch(/<b>|<script>/);
      }),
      some,
    );
  });

  it.each(['<div>', '<script>', '<!--', '&amp;', '<a href="', '</p>', '<![CDATA[', '<'])(
    'takes time by the length of the text alone: %s',
    (part) => {
      const start = performance.now();
      stripHtml(`${part.repeat(200_000)}>`);
      expect(performance.now() - start).toBeLessThan(3000);
    },
  );
});

describe('cleaning', () => {
  it.each([
    ['control', 'a\u0000b\u200bc\u00add\ufeffe\ufffdf', 'abcdef'],
    ['control', 'line\n\ttab \u{1f468}\u200d\u{1f469}', 'line\n\ttab \u{1f468}\u200d\u{1f469}'],
    ['urls', '@nightline_desk still no heating: https://pics.example/8kq2', '[name] still no heating: [link]'],
    ['urls', 'See (www.example.org/a?b=c#d), then write to desk@example.org.', 'See ([link]), then write to desk@example.org.'],
    ['urls', 'HTTP://EXAMPLE.ORG. @a@b @ c', '[link]. [name]@b @ c'],
    ['lowercase', 'ÄRGER über ΑΣ', 'ärger über ας'],
    ['whitespace', '  Thank   you\r\n\n\u00a0whoever \t', 'Thank you whoever'],
  ] as const)('%s: %j becomes %j', (step, before, after) => expect(cleanBy(step, before)).toBe(after));

  it('changes nothing while all is off', () => expect(cleanerOf(noCleaning)).toBeNull());

  it('takes the steps in their order', () => {
    const clean = cleanerOf({ ...noCleaning, html: true, urls: true, lowercase: true, whitespace: true });
    expect(clean?.('<p>Dear   @Desk,</p><p>see https://A.example/&amp;x</p>')).toBe('dear [name], see [link]');
  });

  it('has nothing left to do the second time, HTML aside', () => {
    const steps = textSteps.filter((step) => step !== 'html');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom(...steps), (text, step) => {
        const once = cleanBy(step, text);
        expect(cleanBy(step, once)).toBe(once);
      }),
      some,
    );
  });

  it.each(['https://,', 'www.', '@a', ' ', '\u200b', 'a.'])('takes time by the length of the text alone: %j', (part) => {
    const text = `${part.repeat(300_000)}x`;
    const start = performance.now();
    for (const step of textSteps) cleanBy(step, text);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it('counts words no further than asked', () => {
    expect(countWords(' one  two\nthree ', 10)).toBe(3);
    expect(countWords('one two three', 2)).toBe(2);
    expect(countWords('', 2)).toBe(0);
  });

  it('is told to files by names', () => {
    expect(toCleaningNames(noCleaning)).toEqual({});
    expect(toCleaningNames({ ...noCleaning, html: true, minWords: 3 })).toEqual({ 'clean.html': true, 'clean.min_words': 3 });
  });

  it('is read back from them, whatever else stands there (property)', () => {
    const flag = fc.boolean();
    const any = fc.record({
      html: flag,
      control: flag,
      urls: flag,
      lowercase: flag,
      whitespace: flag,
      duplicates: flag,
      minWords: fc.integer({ min: 0, max: 1000 }),
    });
    fc.assert(
      fc.property(any, (cleaning) => {
        expect(fromCleaningNames({ ...toCleaningNames(cleaning), text_column: 'a' })).toEqual(cleaning);
      }),
      some,
    );
    expect(fromCleaningNames({ 'clean.html': 'yes', 'clean.min_words': -3, 'clean.urls': 1 })).toEqual(noCleaning);
  });
});

describe('pieces of a change', () => {
  it('shows what goes and what comes', () => {
    expect(changedPieces('say &quot;no&quot; now', 'say "no" now')).toEqual([
      { kind: 'same', text: 'say ' },
      { kind: 'removed', text: '&quot;' },
      { kind: 'added', text: '"' },
      { kind: 'same', text: 'no' },
      { kind: 'removed', text: '&quot;' },
      { kind: 'added', text: '"' },
      { kind: 'same', text: ' now' },
    ]);
  });

  it('is both texts, where they are short', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const pieces = changedPieces(before, after);
        const side = (kind: string): string =>
          pieces
            .filter((piece) => piece.kind === kind || piece.kind === 'same')
            .map((piece) => piece.text)
            .join('')
            .replace(/^…/, '');
        expect(before.endsWith(side('removed'))).toBe(true);
        expect(after.endsWith(side('added'))).toBe(true);
      }),
      some,
    );
  });

  it('is short, however long the text', () => {
    const long = 'word '.repeat(100_000);
    const pieces = changedPieces(`${long}Capital ${long}`, `${long}capital ${long}`);
    expect(pieces.map(({ text }) => text).join('').length).toBeLessThan(300);
    expect(pieces.some(({ kind, text }) => kind === 'removed' && text === 'Capital')).toBe(true);
  });
});
