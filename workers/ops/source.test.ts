import { describe, expect, it } from 'vitest';

const sources = import.meta.glob<string>('../**/*.wgsl', { query: '?raw', import: 'default', eager: true });

/** A number held against itself: `x != x`, `x[i] == x[i]`. */
const selfComparison = /(?<![\w.)\]])([a-z_][\w.]*(?:[([][^()[\]]*[)\]])?)\s*[!=]=\s*\1(?![\w.([])/i;

describe('every WGSL source', () => {
  it('is found', () => expect(Object.keys(sources).length).toBeGreaterThan(40));

  // WGSL may take for granted that NaN and infinity do not occur, and fold such a comparison: see shared/finite.wgsl.
  it.each(Object.entries(sources))('%s compares no number with itself', (_, source) => {
    expect(selfComparison.exec(source)?.[0]).toBeUndefined();
  });

  it.each(['value != value', 'if (x[i] == x[i]) {', 'a.b != a.b', 'y_at(i)!=y_at(i)'])('would be caught: %s', (source) => {
    expect(source).toMatch(selfComparison);
  });

  it.each(['x != xs', 'x[i] != x[j]', 'a.x != x', 'bits & 0x7f800000u) != 0x7f800000u'])('would pass: %s', (source) => {
    expect(source).not.toMatch(selfComparison);
  });
});
