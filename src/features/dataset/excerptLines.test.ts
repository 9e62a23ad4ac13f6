import { describe, expect, it } from 'vitest';
import { excerptOf } from './excerptLines';

describe('excerptOf', () => {
  it('marks the guilty line and character', () => {
    const details = { line: 3, excerpt: 'a,x\n\n"b,y', excerptLine: 1, excerptColumn: 1 };
    expect(excerptOf({ code: 'data/unbalanced-quotes', details })).toEqual({
      counts: 'Lines',
      lines: [
        { number: 1, text: 'a,x', mark: null, isGuilty: false, remark: null },
        { number: 2, text: '', mark: null, isGuilty: false, remark: null },
        { number: 3, text: '"b,y', mark: 0, isGuilty: true, remark: 'opens here; no closing mark follows' },
      ],
    });
  });

  it('counts rows where lines are not known, and is null without a place', () => {
    const details = { row: 7, label: 'z', excerpt: 'a, x\nb, z', excerptLine: 6, excerptCounts: 'rows' };
    expect(excerptOf({ code: 'data/unknown-label', details })).toMatchObject({
      counts: 'Rows',
      lines: [{ isGuilty: false }, { number: 7, isGuilty: true }],
    });
    expect(excerptOf({ code: 'data/one-class', details: { file: 'a.csv' } })).toBeNull();
  });
});
