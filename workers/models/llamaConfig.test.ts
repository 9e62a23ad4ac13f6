import { describe, expect, test } from 'vitest';
import type { TuneletError } from '../api/errors';
import { errorOf } from '../testing/errorOf';
import { configJson, storedTensors } from '../testing/gpt2Fixture';
import type { StoredTensor } from './architecture';
import { parseLlamaConfig, type LlamaFamily } from './llamaConfig';
import {
  canonicalLlamaName,
  checkLlamaTensors,
  llamaModuleShapes,
  llamaParameterCount,
  wantedLlamaTensors,
} from './llamaTensors';
import { baseModelOf } from './registry';

/** As meta-llama/Llama-3.2-1B has it, in the older form. */
const llama32 = { architectures: ['LlamaForCausalLM'], attention_bias: false, bos_token_id: 128000, eos_token_id: [128001, 128008], head_dim: 64, hidden_act: 'silu', hidden_size: 2048, initializer_range: 0.02, intermediate_size: 8192, max_position_embeddings: 131072, mlp_bias: false, model_type: 'llama', num_attention_heads: 32, num_hidden_layers: 16, num_key_value_heads: 8, pretraining_tp: 1, rms_norm_eps: 1e-5, rope_scaling: { factor: 32, high_freq_factor: 4, low_freq_factor: 1, original_max_position_embeddings: 8192, rope_type: 'llama3' }, rope_theta: 500000, tie_word_embeddings: true, vocab_size: 128256 }; // prettier-ignore

/** As Qwen/Qwen2.5-0.5B has it. */
const qwen = { model_type: 'qwen2', hidden_act: 'silu', hidden_size: 896, intermediate_size: 4864, max_position_embeddings: 32768, max_window_layers: 24, num_attention_heads: 14, num_hidden_layers: 24, num_key_value_heads: 2, rms_norm_eps: 1e-6, rope_theta: 1000000, sliding_window: 32768, tie_word_embeddings: true, use_mrope: false, use_sliding_window: false, vocab_size: 151936, eos_token_id: 151643 }; // prettier-ignore

/** As mistralai/Mistral-7B-v0.1 has it. */
const mistral = { model_type: 'mistral', hidden_act: 'silu', hidden_size: 4096, intermediate_size: 14336, max_position_embeddings: 32768, num_attention_heads: 32, num_hidden_layers: 32, num_key_value_heads: 8, rms_norm_eps: 1e-5, rope_theta: 10000, sliding_window: 4096, tie_word_embeddings: false, vocab_size: 32000, eos_token_id: 2 }; // prettier-ignore

const examples = { llama: llama32, qwen2: qwen, mistral };

describe('configuration', () => {
  test('Llama 3.2: tied head, several ends of text, slowed frequencies', () => {
    const config = parseLlamaConfig(llama32, 'llama');
    expect(config).toMatchObject({ heads: 32, kvHeads: 8, headSize: 64, tiedHead: true, eosTokenIds: [128001, 128008] });
    expect(config.windows).toEqual(new Array(16).fill(null));
    expect(config.biases).toEqual({ qkv: false, output: false, mlp: false });
    expect(llamaParameterCount(config)).toBe(1_235_814_400);
    // Fast turns stay; the slowest are 32 times slower.
    const plain = Array.from({ length: 32 }, (_, pair) => 500_000 ** (-pair / 32));
    expect(config.frequencies[0]).toBe(1);
    expect(config.frequencies[31]! / plain[31]!).toBeCloseTo(1 / 32, 7);
    const between = config.frequencies.filter((frequency, at) => {
      const share = frequency / plain[at]!;
      return share < 0.999 && share > 1.001 / 32;
    });
    expect(between.length).toBeGreaterThan(1);
  });

  test('the newer form of the rotation says the same', () => {
    const { rope_scaling, rope_theta, ...rest } = llama32;
    const newer = parseLlamaConfig({ ...rest, rope_parameters: { ...rope_scaling, rope_theta } }, 'llama');
    expect(newer.frequencies).toEqual(parseLlamaConfig(llama32, 'llama').frequencies);
    const linear = parseLlamaConfig({ ...rest, rope_scaling: { type: 'linear', factor: 4 } }, 'llama');
    expect(linear.frequencies[0]).toBe(0.25);
    expect(linear.frequencies[16]).toBeCloseTo(0.01 / 4, 9);
  });

  test('Mistral slides in every layer, also where the key is absent; null is off', () => {
    const { sliding_window: _, ...rest } = mistral;
    for (const config of [mistral, rest]) expect(parseLlamaConfig(config, 'mistral').windows).toEqual(new Array(32).fill(4096));
    expect(parseLlamaConfig({ ...mistral, sliding_window: null }, 'mistral').windows).toEqual(new Array(32).fill(null));
    expect(llamaParameterCount(parseLlamaConfig(mistral, 'mistral'))).toBe(7_110_660_096);
  });

  test('Qwen2: biases on q, k and v; a window only where it is switched on, in the upper layers', () => {
    const config = parseLlamaConfig(qwen, 'qwen2');
    expect(config).toMatchObject({ biases: { qkv: true, output: false, mlp: false }, headSize: 64 });
    expect(llamaParameterCount(config)).toBe(494_032_768);
    expect(config.windows).toEqual(new Array(24).fill(null));
    const sliding = parseLlamaConfig({ ...qwen, use_sliding_window: true, max_window_layers: 22 }, 'qwen2').windows;
    expect(sliding.map((window, layer) => [window, layer]).filter(([window]) => window !== null)).toEqual([[32768, 22], [32768, 23]]); // prettier-ignore
  });

  test('no pad token, or -1, is none', () => {
    for (const pad of [undefined, null, -1]) {
      expect(parseLlamaConfig({ ...llama32, pad_token_id: pad }, 'llama').padTokenId).toBeNull();
    }
  });

  test.each<[LlamaFamily, object, TuneletError['code'], string]>([
    ['llama', { hidden_act: 'gelu' }, 'model/unsupported', 'hidden_act is “gelu”'],
    ['llama', { rope_scaling: { rope_type: 'yarn', factor: 4 } }, 'model/unsupported', 'its rope_type is “yarn”'],
    ['llama', { rope_scaling: { type: 'dynamic', factor: 4 } }, 'model/unsupported', '“dynamic”'],
    ['llama', { rope_scaling: { type: 'linear' } }, 'model/bad-config', 'there is no factor'],
    ['llama', { partial_rotary_factor: 0.5 }, 'model/unsupported', 'partial_rotary_factor'],
    ['llama', { rope_parameters: { full_attention: { rope_theta: 1 } } }, 'model/unsupported', 'differ from layer to layer'],
    ['llama', { quantization_config: { bits: 4 } }, 'model/unsupported', 'quantization_config'],
    ['llama', { residual_multiplier: 0.22 }, 'model/unsupported', 'residual_multiplier is 0.22'],
    ['llama', { layer_types: new Array(16).fill('sliding_attention') }, 'model/unsupported', '“sliding_attention”'],
    ['llama', { num_key_value_heads: 5 }, 'model/bad-config', 'num_attention_heads is 32, which num_key_value_heads, 5'],
    ['llama', { head_dim: 63 }, 'model/bad-config', 'head_dim is 63'],
    ['llama', { head_dim: undefined, hidden_size: 2049 }, 'model/bad-config', 'head_dim is 64.03'],
    ['llama', { num_hidden_layers: 1e9 }, 'model/bad-config', 'num_hidden_layers is 1000000000'],
    ['llama', { eos_token_id: [2, 'x'] }, 'model/bad-config', 'eos_token_id is x'],
    ['mistral', { sliding_window: 0 }, 'model/bad-config', 'sliding_window is 0'],
    ['qwen2', { use_mrope: true }, 'model/unsupported', 'use_mrope is true'],
  ])('refuses %s %o', (family, change, code, words) => {
    const error = errorOf(() => parseLlamaConfig({ ...examples[family], ...change }, family));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)]);
  });

  test('the registry finds each by its model_type and names what it does not know', () => {
    for (const [family, config] of Object.entries(examples)) expect(baseModelOf(config).architecture).toBe(family);
    const error = errorOf(() => baseModelOf({ model_type: 'gemma2' }));
    expect([error.code, error.message]).toEqual(['model/unsupported', expect.stringContaining('“gemma2”')]);
  });
});

describe('tensors', () => {
  const config = parseLlamaConfig(configJson('llama-tiny-cls'), 'llama');
  const stored = storedTensors('llama-tiny-cls');

  test('of the fixture, with and without “model.”', () => {
    checkLlamaTensors(config, stored);
    checkLlamaTensors(config, stored.map((tensor) => ({ ...tensor, name: tensor.name.replace(/^model\./, '') }))); // prettier-ignore
    const wanted = wantedLlamaTensors(config);
    expect(wanted('model.layers.1.mlp.down_proj.weight')).toBe('layers.1.mlp.down_proj.weight');
    expect(wanted('model.layers.2.mlp.down_proj.weight')).toBeNull();
    expect([wanted('score.weight'), wanted('model.layers.0.self_attn.rotary_emb.inv_freq')]).toEqual([null, null]);
    expect(wanted('lm_head.weight')).toBe('lm_head.weight');
    expect(wantedLlamaTensors({ ...config, tiedHead: true })('lm_head.weight')).toBeNull();
    expect(canonicalLlamaName('model.lm_head.weight')).toBeNull();
  });

  test('a head is looked at where it is there and used', () => {
    const head: StoredTensor = { name: 'lm_head.weight', dtype: 'F32', shape: [7, 64] };
    expect(errorOf(() => checkLlamaTensors(config, [...stored, head])).code).toBe('model/wrong-shape');
    checkLlamaTensors({ ...config, tiedHead: true }, [...stored, head]);
  });

  test('what is missing or too much', () => {
    const missing = errorOf(() => checkLlamaTensors(config, stored.slice(1)));
    expect(missing.code).toBe('model/missing-tensor');
    const third: StoredTensor = { name: 'model.layers.2.input_layernorm.weight', dtype: 'F32', shape: [64] };
    expect(errorOf(() => checkLlamaTensors(config, [...stored, third])).message).toContain('num_hidden_layers');
    const bias: StoredTensor = { name: 'model.layers.0.self_attn.q_proj.bias', dtype: 'F32', shape: [64] };
    expect(errorOf(() => checkLlamaTensors(config, [...stored, bias])).message).toContain('q_proj.bias');
  });

  test('modules as PEFT sees them', () => {
    const modules = llamaModuleShapes(config);
    expect(modules.size).toBe(14);
    expect(modules.get('model.layers.0.self_attn.k_proj')).toEqual({ inFeatures: 64, outFeatures: 32 });
  });
});
