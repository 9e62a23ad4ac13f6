import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TuneletError } from './errors';
import { pathPattern } from './pathPattern';

const path = 'model.layers.13.self_attn.q_proj';

test.each([
  ['.*', true],
  [path, true],
  ['q_proj', false],
  [String.raw`.*\.q_proj`, true],
  [String.raw`.*\.(q|v)_proj`, true],
  [String.raw`.*\.(?:k|v)_proj`, false],
  [String.raw`model\.layers\.\d+\.self_attn\.[qkvo]_proj`, true],
  [String.raw`model\.layers\.\d\.self_attn\.[qkvo]_proj`, false],
  [String.raw`^.*layers\.(1[0-9]|2[0-3])\..*_proj$`, true],
  [String.raw`.*layers\.1{2}\..*`, false],
  [String.raw`.*layers\.\d{2,}\..*`, true],
  [String.raw`.*layers\.\d{0,1}\..*`, false],
  [String.raw`(model\.)?layers.*`, true],
  [String.raw`(model\.)?(layers\.)?.+?proj`, true],
  [String.raw`[^x]+`, true],
  [String.raw`[\w.]*`, true],
  [String.raw`[^\d]*`, false],
  ['|x', false],
])('%s', (pattern, expected) => {
  expect(pathPattern(pattern)(path)).toBe(expected);
  // Python's fullmatch and JavaScript's agree on all of these.
  expect(new RegExp(`^(?:${pattern})$`).test(path)).toBe(expected);
});

test('agrees with the browser’s own expressions on random ones', () => {
  const leaf = fc.constantFrom('a', 'b', '.', String.raw`\.`, '[ab]', '[^a]', String.raw`\d`);
  const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.tuple(tie('pattern'), tie('pattern')).map((parts) => parts.join('')),
      fc.tuple(tie('pattern'), tie('pattern')).map((parts) => `(${parts.join('|')})`),
      fc.tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,2}', '{0,1}', '{1,}')).map(([inner, count]) => `(?:${inner})${count}`), // prettier-ignore
    ),
  }));
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '1'), maxLength: 6 });
  fc.assert(
    fc.property(pattern, text, (source, value) => {
      expect(pathPattern(source)(value)).toBe(new RegExp(`^(?:${source})$`, 'u').test(value));
    }),
    { numRuns: 500 },
  );
});

test('an expression that would take a backtracking engine for ever', () => {
  const begin = performance.now();
  expect(pathPattern('(a+)+(a|aa)*(.*)*b')('a'.repeat(200))).toBe(false);
  expect(performance.now() - begin).toBeLessThan(2000);
});

describe('what is not understood is refused', () => {
  test.each([
    '(?=x)x',
    '(?!x).*',
    String.raw`(a)\1`,
    '(?i)x',
    'a**',
    'a{999}',
    'a{2,1}',
    '(a',
    'a)',
    '[a',
    '*',
    'a{',
    String.raw`\b`,
    'x'.repeat(1001),
    '((((.{150}){150}))',
  ])('%s', (pattern) => {
    // prettier-ignore
    try {
      pathPattern(pattern);
    } catch (error) {
      expect(error instanceof TuneletError && error.code).toBe('adapter/unsupported');
      return;
    }
    throw new Error('It was taken.');
  });
});
