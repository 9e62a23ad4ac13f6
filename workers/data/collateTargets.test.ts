import { describe, expect, it } from 'vitest';
import { collateTargets } from './collateTargets';
import { textBlocks } from './textBlocks';

describe('a batch of targets', () => {
  it('predicts each labelled token from the row before it and leaves the last token out', () => {
    const batch = collateTargets([
      { ids: [5, 6, 7, 8], targetStart: 2 },
      { ids: [9, 10], targetStart: 0 },
    ]);
    expect(batch).toMatchObject({ tokens: 4, sequences: 2, targets: 3 });
    expect([...batch.inputIds]).toEqual([5, 6, 7, 9]);
    expect([...batch.positions]).toEqual([0, 1, 2, 0]);
    expect([...batch.segmentOffsets]).toEqual([0, 3, 4]);
    expect([...batch.pooledRows]).toEqual([1, 2, 3]);
    expect([...batch.labels]).toEqual([7, 8, 10]);
  });

  it('refuses an example that predicts nothing', () => {
    expect(() => collateTargets([{ ids: [5], targetStart: 0 }])).toThrow('predicts none');
  });
});

describe('blocks of a corpus', () => {
  it('joins texts, closes each and keeps a shorter rest', () => {
    const blocks = textBlocks([[1, 2, 3], [4], [5, 6]], 4, 9);
    expect(blocks.map((block) => [...block])).toEqual([
      [1, 2, 3, 9],
      [4, 9, 5, 6],
    ]);
    expect(textBlocks([[1, 2, 3, 4, 5]], 4, 9).map((block) => [...block])).toEqual([
      [1, 2, 3, 4],
      [5, 9],
    ]);
  });
});
