import { describe, expect, it } from 'vitest';
import type { SplitOptions } from '../../../workers/api/dataset';
import { draftOf, readDraft } from './splitDraft';

const options: SplitOptions = {
  method: 'ratio',
  validationShare: 0.1,
  testShare: 0.07,
  seed: 42,
  stratified: true,
  rowsPerClass: { train: 100, validation: 20, test: 0 },
  groupColumn: null,
  sameTextTogether: false,
};

describe('readDraft', () => {
  it('reads back what it shows', () => {
    expect(draftOf(options)).toEqual({ train: '', validation: '10 %', test: '7 %', seed: '42' });
    expect(readDraft(draftOf(options), 'ratio')).toEqual({ options: { validationShare: 0.1, testShare: 0.07, seed: 42 } });
    const rows = draftOf({ ...options, method: 'rows' });
    expect(rows).toEqual({ train: '100', validation: '20', test: '0', seed: '42' });
    expect(readDraft(rows, 'rows')).toEqual({ options: { rowsPerClass: options.rowsPerClass, seed: 42 } });
  });

  it('takes a share with its sign', () => {
    expect(readDraft({ train: '', validation: '15 %', test: '0', seed: '1' }, 'ratio')).toEqual({
      options: { validationShare: 0.15, testShare: 0, seed: 1 },
    });
  });

  it('names each field that cannot be used', () => {
    const problemsOf = (reading: ReturnType<typeof readDraft>) => ('problems' in reading ? reading.problems : {});
    const read = problemsOf(readDraft({ train: '', validation: '', test: '-5', seed: '1.5' }, 'ratio'));
    expect(Object.keys(read).toSorted()).toEqual(['seed', 'test', 'validation']);
    expect(problemsOf(readDraft({ train: '', validation: '60', test: '60', seed: '1' }, 'ratio')).test).toContain('120 %');
    const rows = problemsOf(readDraft({ train: '0', validation: '1.5', test: '3', seed: '1' }, 'rows'));
    expect(Object.keys(rows).toSorted()).toEqual(['train', 'validation']);
  });
});
