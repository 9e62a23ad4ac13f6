import { describe, expect, it } from 'vitest';
import type { WeightStorage } from '../../engine/graph';
import { gpt2Model } from '../../models/gpt2Model';
import { buildClassifierGraphs } from '../../training/graphs';
import type { Device } from '../device';
import { runNeeds } from './runMemory';
import { evaluationCapacityFor, tokensAtOnce } from '../tasks/evaluationCapacity';

const model = gpt2Model({
  nLayer: 4, nEmbd: 256, nHead: 4, nPositions: 512, vocabSize: 8192, nInner: 1024, layerNormEpsilon: 1e-5, padTokenId: null,
  eosTokenId: 0, initializerRange: 0.02, scaleAttnWeights: true, scaleAttnByInverseLayerIdx: false,
}); // prettier-ignore

const gpu: Device = {
  threads: 1,
  limits: { bufferBytes: 2 ** 31, bindingBytes: 2 ** 27 },
  report: { executor: 'webgpu', label: 'WebGPU, test', notice: null, offers: null },
  disproof: null,
  tunes: false,
};

function graphsOf(gradientCheckpointing: boolean, storage: WeightStorage = 'float16') {
  const lora = { r: 8, scaling: 2, dropout: 0, adapts: (module: string) => module.endsWith('c_attn') };
  return buildClassifierGraphs(model, { lora, labelCount: 2, storage }, { gradientCheckpointing });
}

describe('evaluationCapacityFor', () => {
  it.each([true, false])('takes no more memory than training, checkpointing %s', (gradientCheckpointing) => {
    const graphs = graphsOf(gradientCheckpointing);
    for (const training of [
      { tokens: 300, sequences: 4 },
      { tokens: 1000, sequences: 32 },
      { tokens: 9000, sequences: 128 },
    ]) {
      const evaluation = evaluationCapacityFor(graphs, training, 128);
      const alone = runNeeds(graphs, training, { tokens: 1, sequences: 1 }, gpu);
      expect(runNeeds(graphs, training, evaluation, gpu).memory).toEqual(alone.memory);
      expect(evaluation.tokens).toBeGreaterThanOrEqual(training.tokens * 0.9);
    }
  });

  it('always has room for the longest text', () => {
    const evaluation = evaluationCapacityFor(graphsOf(true), { tokens: 8, sequences: 1 }, 512);
    expect(evaluation.tokens).toBe(512);
  });
});

describe('runNeeds', () => {
  it.each([
    ['float16', 2],
    ['int8', 34 / 32],
    ['int4', 20 / 32],
  ] as const)('adds up weights as %s, four copies of what is trained, and the arenas', (storage, bytesPerNumber) => {
    const graphs = graphsOf(false, storage);
    const { memory } = runNeeds(graphs, { tokens: 1000, sequences: 32 }, { tokens: 1000, sequences: 32 }, gpu);
    const matrices = 8192 * 256 + 4 * 12 * 256 * 256;
    const positions = 512 * 256;
    const vectors = 4 * (4 * 256 + (3 + 1 + 4 + 1) * 256) + 2 * 256;
    expect(memory.weightBytes).toBe(bytesPerNumber * matrices + 2 * positions + 4 * vectors);
    expect(memory.adapterBytes).toBe(16 * graphs.layout.size);
    expect(memory.totalBytes).toBe(memory.weightBytes + memory.adapterBytes + memory.activationBytes);
  });
});

it('judges few tokens at once on the processor, so that a stop is heard, and all that fit on a graphics device', () => {
  const evaluationCapacity = { tokens: 4096, sequences: 64 };
  expect(tokensAtOnce({ executor: { kind: 'wasm' }, evaluationCapacity })).toBe(512);
  expect(tokensAtOnce({ executor: { kind: 'wasm' }, evaluationCapacity: { tokens: 100, sequences: 64 } })).toBe(100);
  expect(tokensAtOnce({ executor: { kind: 'webgpu' }, evaluationCapacity })).toBe(4096);
});
