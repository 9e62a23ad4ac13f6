import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluationBatches, packedBatch, tokenCount, trainingCapacity, epochBatches, type EncodedExamples } from './examples';

const examples = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 60 }).map((lengths): EncodedExamples => ({
  ids: lengths.map((length, text) => Int32Array.from({ length }, (_, position) => 1 + ((text * 7 + position) % 11))),
  labels: Int32Array.from(lengths, (_, text) => text % 3),
}));

describe('batches', () => {
  it('never exceed the capacity that was planned for them', () => {
    fc.assert(
      fc.property(examples, fc.integer({ min: 1, max: 9 }), fc.nat(), (texts, batchSize, seed) => {
        const capacity = trainingCapacity(texts, batchSize, seed, 3);
        const bound = trainingCapacity(texts, batchSize, seed, 3_000_000);
        for (const epoch of [0, 1, 2]) {
          for (const indices of epochBatches(texts.ids.length, batchSize, seed, epoch)) {
            const batch = packedBatch(texts, indices, 0);
            expect(batch.tokens).toBe(tokenCount(texts, indices));
            expect(batch.tokens).toBeLessThanOrEqual(capacity.tokens);
            expect(batch.sequences).toBeLessThanOrEqual(capacity.sequences);
          }
        }
        expect(bound.tokens).toBeGreaterThanOrEqual(capacity.tokens);
      }),
    );
  });

  it('for evaluation hold every text once, within the capacity', () => {
    fc.assert(
      fc.property(examples, fc.integer({ min: 30, max: 90 }), fc.integer({ min: 1, max: 8 }), (texts, tokens, sequences) => {
        const batches = evaluationBatches(texts, { tokens, sequences });
        expect(batches.flat().sort((a, b) => a - b)).toEqual(texts.ids.map((_, index) => index));
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(sequences);
          expect(tokenCount(texts, batch)).toBeLessThanOrEqual(tokens);
        }
      }),
    );
  });
});
