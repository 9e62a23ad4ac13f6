import { describe, expect, it } from 'vitest';
import { fillTemplate } from './template';

describe('fillTemplate', () => {
  it('keeps one branch of a condition, nested ones included', () => {
    const source = 'a\n//@if X\nb\n  //@if !Y\nc\n  //@else\nd\n  //@end\n//@else\ne\n//@end\nf';
    expect(fillTemplate(source, { X: true, Y: false })).toBe('a\nb\nc\nf');
    expect(fillTemplate(source, { X: 1, Y: 2 })).toBe('a\nb\nd\nf');
    expect(fillTemplate(source, { X: false, Y: true })).toBe('a\ne\nf');
  });

  it('repeats lines with the index in place of the variable', () => {
    const source = '//@each r ROWS\n//@each c 2\nsum$r_$c += x$r * $cu;\n//@end\n//@end';
    expect(fillTemplate(source, { ROWS: 2 }).split('\n')).toEqual([
      'sum0_0 += x0 * 0u;',
      'sum0_1 += x0 * 1u;',
      'sum1_0 += x1 * 0u;',
      'sum1_1 += x1 * 1u;',
    ]);
    expect(fillTemplate(source, { ROWS: 0 })).toBe('');
  });

  it('refuses an unknown flag and blocks that do not match', () => {
    expect(() => fillTemplate('//@if Z\n//@end', {})).toThrow('no flag Z');
    expect(() => fillTemplate('a\n//@if X\nb', { X: true })).toThrow('Line 2: //@if X has no //@end');
    expect(() => fillTemplate('a\n//@end', {})).toThrow('Line 2: //@end without a beginning');
    expect(() => fillTemplate('//@each c 2\n//@else\n//@end', {})).toThrow('has no //@end');
  });
});
