import { describe, expect, it } from 'vitest';
import { readMemoryLimit } from './memoryLimit';

describe('readMemoryLimit', () => {
  it('reads decimal gigabytes, with a point or a comma', () => {
    expect(readMemoryLimit('1.5').bytes).toBe(1.5e9);
    expect(readMemoryLimit(' 0,25 ').bytes).toBe(0.25e9);
  });

  it('takes an empty field for no limit', () => {
    expect(readMemoryLimit('  ')).toEqual({ text: '  ', bytes: null, problem: null });
  });

  it.each(['0', '-1', '2 GB', 'Infinity', '1e999'])('names %s as what it cannot read', (text) => {
    const { bytes, problem } = readMemoryLimit(text);
    expect(bytes).toBeNull();
    expect(problem).toContain(text);
  });
});
