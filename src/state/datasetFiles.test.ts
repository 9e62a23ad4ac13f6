import { describe, expect, it } from 'vitest';
import { TuneletError } from '../../workers/api/errors';
import { assignFiles, joinFiles } from './datasetFiles';

const file = (name: string) => new File(['text,label\n'], name);

describe('assignFiles', () => {
  it('takes one file for training whatever its name', () => {
    expect(assignFiles([file('test.csv')]).train?.name).toBe('test.csv');
  });

  it('tells parts by their names, in any order', () => {
    const assigned = assignFiles([file('reviews-test.csv'), file('reviews_dev.csv'), file('Reviews.Train.csv')]);
    expect(assigned.train?.name).toBe('Reviews.Train.csv');
    expect(assigned.validation?.name).toBe('reviews_dev.csv');
    expect(assigned.test?.name).toBe('reviews-test.csv');
  });

  it('does not take a part of a word for a name', () => {
    const assigned = assignFiles([file('latest-contest.csv'), file('validation.csv')]);
    expect(assigned.train?.name).toBe('latest-contest.csv');
  });

  it('joins files whose names differ in numbers alone to one table', () => {
    const names = ['train-00001-of-00002.parquet', 'test-0.parquet', 'train-00000-of-00002.parquet'];
    const assigned = assignFiles(names.map(file));
    expect([assigned.train?.name, assigned.test?.name]).toEqual([names[2], names[1]]);
    expect(assigned.furtherParts?.train?.map(({ name }) => name)).toEqual([names[0]]);
    const parts = assignFiles([file('part-2.csv'), file('part-1.csv'), file('part-3.csv')]);
    expect([parts.train, ...(parts.furtherParts?.train ?? [])].map((part) => part?.name)).toEqual([
      'part-1.csv',
      'part-2.csv',
      'part-3.csv',
    ]);
  });

  it('refuses files whose names do not tell, and lists them', () => {
    expect(() => assignFiles([file('a.csv'), file('b.csv')])).toThrow(TuneletError);
    expect(() => assignFiles([file('a.csv'), file('b.csv')])).toThrow('a.csv, b.csv');
    expect(() => assignFiles([file('train1-train.csv'), file('train.csv')])).toThrow('do not say');
    expect(() => assignFiles([file('dev.csv'), file('test.csv')])).toThrow('do not say');
  });
});

describe('joinFiles', () => {
  it('starts anew with a training file alone', () => {
    const current = { train: file('old.csv'), test: file('old-test.csv') };
    const { files } = joinFiles(current, {}, { train: file('new.csv') });
    expect(files?.train.name).toBe('new.csv');
    expect(files?.test).toBeUndefined();
  });

  it('joins a test file to the dataset there is', () => {
    const { files } = joinFiles({ train: file('a.csv') }, {}, { test: file('b.csv') });
    expect([files?.train.name, files?.test?.name]).toEqual(['a.csv', 'b.csv']);
  });

  it('keeps the further parts of what stays and drops those of what is replaced', () => {
    const current = {
      train: file('t1.csv'),
      test: file('e1.csv'),
      furtherParts: { train: [file('t2.csv')], test: [file('e2.csv')] },
    };
    const { files } = joinFiles(current, {}, { test: file('other.csv') });
    expect(files?.test?.name).toBe('other.csv');
    expect(Object.keys(files?.furtherParts ?? {})).toEqual(['train']);
    expect(joinFiles(current, {}, { train: file('new.csv') }).files?.furtherParts).toBeUndefined();
  });

  it('holds a validation file until its training file comes', () => {
    const first = joinFiles(null, {}, { validation: file('v.csv') });
    expect(first.files).toBeNull();
    const second = joinFiles(null, first.held, { train: file('t.csv') });
    expect([second.files?.train.name, second.files?.validation?.name]).toEqual(['t.csv', 'v.csv']);
    expect(second.held).toEqual({});
  });
});
