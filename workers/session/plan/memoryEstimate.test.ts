import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../api/model';
import { baseModelOf } from '../../models/registry';
import { buildClassifierGraphs } from '../../training/graphs';
import type { Device } from '../device';
import { estimateMemory } from './memoryEstimate';
import { weightBytesOf } from './runMemory';
import { bodyPlan } from '../tasks/runTask';

const gpu: Device = {
  threads: 1,
  limits: { bufferBytes: 2 ** 31, bindingBytes: 2 ** 30 },
  report: { executor: 'webgpu', label: 'WebGPU, test', notice: null, offers: null },
  disproof: null,
  tunes: false,
};
const processor: Device = {
  ...gpu,
  limits: null,
  report: { executor: 'wasm', label: 'Processor', notice: null, offers: null },
};

const llama = { model_type: 'llama', hidden_size: 576, intermediate_size: 1536, max_position_embeddings: 8192, num_attention_heads: 9, num_hidden_layers: 6, num_key_value_heads: 3, rms_norm_eps: 1e-5, rope_theta: 100000, tie_word_embeddings: true, vocab_size: 49152 }; // prettier-ignore
const configs = {
  gpt2: { model_type: 'gpt2', n_embd: 768, n_head: 12, n_layer: 4, n_positions: 1024, vocab_size: 50257 },
  llama,
  mistral: { ...llama, model_type: 'mistral', sliding_window: 4096 },
  qwen2: { ...llama, model_type: 'qwen2' },
};

const settingsOf = (base: ReturnType<typeof baseModelOf>) =>
  defaultSettings({ ...base, defaultModules: [...base.defaultTargets] }, null).settings;

describe('estimateMemory', () => {
  it.each(Object.entries(configs))('needs no more of %s than its configuration', (_, config) => {
    const base = baseModelOf(config);
    const settings = settingsOf(base);
    const { choices, isOfData, limitBytes } = estimateMemory(base, settings, null, gpu, null);
    expect([isOfData, limitBytes, choices.map(({ weightStorage }) => weightStorage)]).toEqual([
      false,
      null,
      ['float16', 'int8', 'int4'],
    ]);
    const [half, eight, four] = choices.map(({ memory }) => memory);
    // Vectors, and tables of positions, are no coarser than float16.
    expect(half!.weightBytes / base.parameterCount).toBeCloseTo(2, 1);
    expect(eight!.weightBytes / half!.weightBytes).toBeCloseTo(17 / 32, 1);
    expect(four!.weightBytes / half!.weightBytes).toBeCloseTo(10 / 32, 1);
    expect(half!.activationBytes).toBeGreaterThan(0);
    expect([eight!.adapterBytes, eight!.activationBytes]).toEqual([half!.adapterBytes, half!.activationBytes]);
  });

  it.each(['float16', 'int8', 'int4'] as const)('gives what planning with %s gives', (weightStorage) => {
    for (const config of [configs.gpt2, configs.llama]) {
      const base = baseModelOf(config);
      const settings = settingsOf(base);
      const { choices } = estimateMemory(base, settings, null, gpu, null);
      const planned = estimateMemory(base, { ...settings, weightStorage }, null, gpu, null);
      expect(planned.choices).toEqual(choices);
      const graphs = buildClassifierGraphs(base, { ...bodyPlan({ ...settings, weightStorage }, base), labelCount: 2 });
      const own = choices.find((choice) => choice.weightStorage === weightStorage);
      expect(own?.memory.weightBytes).toBe(weightBytesOf(graphs, gpu));
    }
  });

  it('draws the line where the user does', () => {
    const base = baseModelOf(configs.llama);
    const settings = { ...settingsOf(base), gradientCheckpointing: false as const };
    const [half, eight] = estimateMemory(base, settings, null, gpu, null).choices;
    const between = Math.round((half!.memory.totalBytes + eight!.memory.totalBytes) / 2);
    const { choices, limitBytes, limitOwner } = estimateMemory(base, settings, null, gpu, between);
    expect([limitBytes, limitOwner, choices.map(({ fits }) => fits)]).toEqual([between, 'user', [false, true, true]]);
  });

  it('computes activations again only where a run would', () => {
    const base = baseModelOf(configs.llama);
    const settings = { ...settingsOf(base), gradientCheckpointing: 'auto' as const };
    const plain = estimateMemory(base, { ...settings, gradientCheckpointing: false }, null, gpu, null).choices;
    const between = Math.round((plain[0]!.memory.totalBytes + plain[1]!.memory.totalBytes) / 2);
    const [half, eight, four] = estimateMemory(base, settings, null, gpu, between).choices;
    expect([half, eight, four].map((choice) => choice?.gradientCheckpointing)).toEqual([true, false, false]);
    expect(half!.memory.activationBytes).toBeLessThan(plain[0]!.memory.activationBytes);
    expect(eight).toEqual({ ...plain[1]!, fits: true });
  });

  it('says that fewer bits save nothing on the processor, and shows float32 where the settings have it', () => {
    const base = baseModelOf(configs.gpt2);
    const { choices, limitOwner } = estimateMemory(
      base,
      { ...settingsOf(base), weightStorage: 'float32' },
      null,
      processor,
      null,
    );
    expect(choices.map(({ weightStorage }) => weightStorage)).toEqual(['float32', 'float16', 'int8', 'int4']);
    expect(new Set(choices.map(({ memory }) => memory.totalBytes)).size).toBe(1);
    expect(limitOwner).toBe('processor');
  });
});
