import { expect, test } from 'vitest';
import type { FoundModel } from '../../../workers/api/hub';
import type { MemoryEstimate } from '../../../workers/api/memory';
import { fitByEstimate, fitOf } from './fitWords';

const found: FoundModel = {
  id: 'owner/name',
  modelType: 'llama',
  isKnownArchitecture: true,
  format: 'safetensors',
  parameterCount: 1e9,
  sizeBytes: 2e9,
  packedAs: null,
  licence: 'mit',
  asksForAccess: false,
  weightBytes: { float16: 2e9, int8: 1.1e9, int4: 0.6e9 },
};

test.each<[Partial<FoundModel>, number | null, string]>([
  [{}, 4e9, 'fits'],
  [{}, 2e9, 'fits in 8 or 4 bits'],
  [{}, 1e9, 'fits in 4 bits'],
  [{}, 0.5e9, 'too large for this device'],
  [{}, null, 'takes 2.0 GB, in 4 bits 600 MB'],
  [{ modelType: 'phi3', isKnownArchitecture: false, asksForAccess: true }, 4e9, 'phi3 is not among our architectures'],
  [{ format: null }, 4e9, 'no safetensors or GGUF'],
  [{ packedAs: 'U8' }, 4e9, 'stored as U8, which is not read'],
  [{ asksForAccess: true }, 4e9, 'asks for access'],
  [{ format: 'gguf', weightBytes: null }, 4e9, 'GGUF files to choose from'],
])('%j with %j bytes: %s', (changes, limitBytes, words) => {
  expect(fitOf({ ...found, ...changes }, limitBytes).words).toBe(words);
});

test('the plan of a chosen model has the last word', () => {
  const memory = { weightBytes: 1, adapterBytes: 1, activationBytes: 1, totalBytes: 3 };
  const estimate = (fitting: readonly string[]): MemoryEstimate => ({
    choices: (['float32', 'float16', 'int8', 'int4'] as const).map((weightStorage) => ({
      weightStorage,
      memory,
      gradientCheckpointing: false,
      fits: fitting.includes(weightStorage),
    })),
    limitBytes: 1e9,
    limitOwner: 'user',
    isOfData: true,
  });
  expect(fitByEstimate(estimate(['float32', 'float16', 'int8', 'int4']))?.words).toBe('fits');
  expect(fitByEstimate(estimate(['int4']))?.words).toBe('fits in 4 bits');
  expect(fitByEstimate(estimate([]))?.kind).toBe('too-large');
  expect(fitByEstimate({ ...estimate([]), limitBytes: null })).toBeNull();
});
