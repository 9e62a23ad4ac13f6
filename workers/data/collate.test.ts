import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { collate, collatePadded, pooledColumn } from './collate';
import { tokenStatistics } from './tokenStatistics';

interface PoolingCases {
  input_ids: number[][];
  attention_mask: number[][];
  pooled_index: number[];
}

describe('collate', () => {
  it('lays sequences end to end', () => {
    const batch = collate(
      [
        { inputIds: [5, 6, 7], label: 1 },
        { inputIds: Int32Array.of(), label: 0 },
        { inputIds: [8, 0], label: 2 },
        { inputIds: [0, 0], label: 3 },
        { inputIds: [0, 9, 0, 4, 0], label: 4 },
      ],
      0,
    );
    expect(batch).toEqual({
      tokens: 13,
      sequences: 5,
      inputIds: Int32Array.of(5, 6, 7, 0, 8, 0, 0, 0, 0, 9, 0, 4, 0),
      positions: Int32Array.of(0, 1, 2, 0, 0, 1, 0, 1, 0, 1, 2, 3, 4),
      segmentOffsets: Int32Array.of(0, 3, 4, 6, 8, 13),
      rowSegments: Int32Array.of(0, 0, 0, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4),
      pooledRows: Int32Array.of(2, 3, 4, 6, 11),
      targetStarts: Int32Array.of(0, 3, 4, 6, 8),
      rowTargets: Int32Array.of(0, 1, 0, 1, 0, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 4, 5, 4, 5, 4, 5, 5, 5),
      labels: Int32Array.of(1, 0, 2, 3, 4),
    });
  });
});

describe('collatePadded', () => {
  const padTokenId = 256;

  it.each(['gpt2-tiny-cls', 'gpt2-tiny-cls-all'])('pools as transformers does: %s', (folder) => {
    const path = new URL(`../testing/fixtures/reference/${folder}/pooling.json`, import.meta.url);
    const cases: PoolingCases = JSON.parse(readFileSync(path, 'utf8'));
    const labels = cases.input_ids.map((_, index) => index % 3);
    const batch = collatePadded(cases.input_ids, cases.attention_mask, labels, padTokenId);
    expect(cases.pooled_index.length).toBeGreaterThan(4);
    cases.pooled_index.forEach((expected, sequence) => {
      expect(pooledColumn(cases.input_ids[sequence]!, padTokenId)).toBe(expected);
      const row = batch.pooledRows[sequence]!;
      expect(batch.rowSegments[row]).toBe(sequence);
      expect(batch.positions[row]).toBe(expected);
      expect(batch.inputIds[row]).toBe(cases.input_ids[sequence]![expected]);
    });
    expect(batch.tokens).toBe(cases.attention_mask.flat().filter((visible) => visible === 1).length);
  });

  it('equals collate where rows are padded on the right', () => {
    const padded = collatePadded(
      [
        [5, 6, 256],
        [7, 256, 256],
      ],
      [
        [1, 1, 0],
        [1, 0, 0],
      ],
      [1, 0],
      padTokenId,
    );
    expect(padded).toEqual(
      collate(
        [
          { inputIds: [5, 6], label: 1 },
          { inputIds: [7], label: 0 },
        ],
        padTokenId,
      ),
    );
  });

  it('refuses a pooled token that is masked out', () => {
    expect(() => collatePadded([[5, 6]], [[1, 0]], [0], padTokenId)).toThrow('column 1, has attention mask 0');
  });
});

describe('tokenStatistics', () => {
  it('counts every text once', () => {
    const statistics = tokenStatistics(Int32Array.of(3, 1, 2, 2, 10, 100), 10);
    expect(statistics).toMatchObject({ median: 2.5, longest: 100, truncated: 1, texts: 6 });
    expect(statistics.bins).toHaveLength(34);
    expect(statistics.bins[0]).toEqual({ from: 1, to: 4, count: 4 });
    expect(statistics.bins.reduce((sum, { count }) => sum + count, 0)).toBe(6);
    expect(statistics.bins.at(-1)!.to).toBeGreaterThan(100);
    expect(tokenStatistics(Int32Array.of(4, 4, 9), 8)).toMatchObject({ median: 4, truncated: 1 });
    expect(tokenStatistics(Int32Array.of(), 8)).toMatchObject({ bins: [], median: 0, longest: 0, truncated: 0, texts: 0 });
  });
});
