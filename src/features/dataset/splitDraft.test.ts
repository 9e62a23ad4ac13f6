import { describe, expect, it } from 'vitest';
import { draftOf, readDraft } from './splitDraft';

describe('readDraft', () => {
  it('reads back what it shows', () => {
    const options = { validationShare: 0.1, testShare: 0.07, seed: 42 };
    expect(draftOf(options)).toEqual({ validation: '10', test: '7', seed: '42' });
    expect(readDraft(draftOf(options))).toEqual({ options: { validationShare: 0.1, testShare: 0.07, seed: 42 } });
  });

  it('takes a share with its sign', () => {
    expect(readDraft({ validation: '15 %', test: '0', seed: '1' })).toEqual({
      options: { validationShare: 0.15, testShare: 0, seed: 1 },
    });
  });

  it('names each field that cannot be used', () => {
    const read = readDraft({ validation: '', test: '-5', seed: '1.5' });
    expect('problems' in read && Object.keys(read.problems)).toEqual(['validation', 'test', 'seed']);
    const full = readDraft({ validation: '60', test: '60', seed: '1' });
    expect('problems' in full && full.problems.test).toContain('120 %');
  });
});
