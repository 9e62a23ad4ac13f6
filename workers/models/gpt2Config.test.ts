import { describe, expect, test } from 'vitest';
import type { TuneletError } from '../api/errors';
import { errorOf } from '../testing/errorOf';
import { configJson, storedTensors } from '../testing/gpt2Fixture';
import { parseGpt2Config } from './gpt2Config';
import { canonicalGpt2Name, checkGpt2Tensors, gpt2ModuleShapes, gpt2ParameterCount, gpt2TensorNames, wantedGpt2Tensors } from './gpt2Tensors'; // prettier-ignore
import type { StoredTensor } from './architecture';

const tiny = 'gpt2-tiny-cls-all';

/** As openai-community/gpt2 has it, without the keys that came later. */
const original = { activation_function: 'gelu_new', architectures: ['GPT2LMHeadModel'], attn_pdrop: 0.1, bos_token_id: 50256, embd_pdrop: 0.1, eos_token_id: 50256, initializer_range: 0.02, layer_norm_epsilon: 1e-5, model_type: 'gpt2', n_ctx: 1024, n_embd: 768, n_head: 12, n_layer: 12, n_positions: 1024, resid_pdrop: 0.1, vocab_size: 50257 }; // prettier-ignore

describe('configuration', () => {
  test('the original GPT-2', () => {
    const config = parseGpt2Config(original);
    expect(config).toMatchObject({ nLayer: 12, nInner: 3072, padTokenId: null, eosTokenId: 50256, scaleAttnWeights: true });
    expect(gpt2ParameterCount(config)).toBe(124_439_808);
    expect(gpt2ModuleShapes(config).size).toBe(48);
  });

  test('a fixture with its own MLP width and a pad token', () => {
    expect(parseGpt2Config(configJson(tiny))).toEqual({
      nLayer: 3,
      nEmbd: 64,
      nHead: 4,
      nPositions: 64,
      vocabSize: 257,
      nInner: 160,
      layerNormEpsilon: 1e-5,
      padTokenId: 256,
      eosTokenId: 256,
      initializerRange: 0.08,
      scaleAttnWeights: true,
      scaleAttnByInverseLayerIdx: false,
    });
  });

  test.each<[object | null, TuneletError['code'], string]>([
    [{ model_type: 'llama' }, 'model/unsupported', 'the model type “llama”'],
    [{ model_type: undefined, architectures: [] }, 'model/unsupported', 'no model type'],
    [{ activation_function: 'relu' }, 'model/unsupported', 'activation_function is “relu”'],
    [{ add_cross_attention: true }, 'model/unsupported', 'add_cross_attention'],
    [{ quantization_config: { bits: 4 } }, 'model/unsupported', 'quantization_config'],
    [{ n_head: 7 }, 'model/bad-config', 'n_embd is 768, which 7 heads'],
    [{ n_layer: 1e9 }, 'model/bad-config', 'n_layer is 1000000000; it must be a whole number from 1 to 512'],
    [{ n_embd: undefined }, 'model/bad-config', 'n_embd is missing'],
    [{ vocab_size: '50257' }, 'model/bad-config', 'vocab_size is 50257'],
    [{ pad_token_id: 50257 }, 'model/bad-config', 'pad_token_id is 50257'],
    [{ layer_norm_epsilon: 0 }, 'model/bad-config', 'layer_norm_epsilon is 0'],
    [{ scale_attn_weights: 1 }, 'model/bad-config', 'scale_attn_weights is 1'],
    [null, 'model/bad-config', 'not an object'],
  ])('%o is refused', (change, code, words) => {
    const error = errorOf(() => parseGpt2Config(change === null ? [] : { ...original, ...change }));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)]);
  });
});

describe('tensors', () => {
  const config = parseGpt2Config(configJson(tiny));

  test.each(['nano-gpt2', 'gpt2-tiny-cls', tiny])('%s has them all', (folder) => {
    const [parsed, stored] = [parseGpt2Config(configJson(folder)), storedTensors(folder)];
    checkGpt2Tensors(parsed, stored);
    const wanted = stored.map(({ name }) => wantedGpt2Tensors(parsed)(name)).filter((name) => name !== null);
    expect(new Set(wanted)).toEqual(new Set(gpt2TensorNames(parsed).keys()));
    const modules = [...gpt2ModuleShapes(parsed)];
    const shapes = modules.map(([path]) => stored.find(({ name }) => name === `${path}.weight`)?.shape);
    expect(shapes).toEqual(modules.map(([, { inFeatures, outFeatures }]) => [inFeatures, outFeatures]));
  });

  test.each([
    ['transformer.h.0.attn.c_attn.weight', 'h.0.attn.c_attn.weight'],
    ['h.11.mlp.c_proj.bias', 'h.11.mlp.c_proj.bias'],
    ['wte.weight', 'wte.weight'],
    ['h.0.attn.bias', null],
    ['transformer.h.0.attn.masked_bias', null],
    ['score.weight', null],
    ['lm_head.weight', null],
    ['h.0.mlp.c_attn.weight', null],
  ])('%s is %s', (name, canonical) => expect(canonicalGpt2Name(name)).toBe(canonical));

  const change = (edit: (tensors: StoredTensor[]) => void) => {
    const tensors: StoredTensor[] = storedTensors(tiny).map((tensor) => ({ ...tensor }));
    edit(tensors);
    return errorOf(() => checkGpt2Tensors(config, tensors));
  };

  test('what is wrong is named', () => {
    const missing = change((tensors) =>
      tensors.splice(
        tensors.findIndex(({ name }) => name.endsWith('h.1.ln_2.bias')),
        1,
      ),
    );
    expect([missing.code, missing.message]).toEqual(['model/missing-tensor', 'The weights lack the tensor h.1.ln_2.bias.']);
    const shape = change((tensors) => (tensors.find(({ name }) => name.endsWith('h.0.mlp.c_fc.weight'))!.shape = [160, 64]));
    expect(shape.message).toBe(
      'The tensor transformer.h.0.mlp.c_fc.weight has the shape [160, 64]; config.json asks for [64, 160].',
    );
    const type = change((tensors) => (tensors.find(({ name }) => name.endsWith('wte.weight'))!.dtype = 'I8'));
    expect([type.code, type.details['dtype']]).toEqual(['model/unsupported', 'I8']);
    const double = change((tensors) => tensors.push({ name: 'wte.weight', dtype: 'F32', shape: [257, 64] }));
    expect(double.message).toContain('transformer.wte.weight and wte.weight');
    const layer = change((tensors) => tensors.push({ name: 'transformer.h.3.ln_1.bias', dtype: 'F32', shape: [64] }));
    expect([layer.code, layer.message]).toEqual(['model/wrong-shape', expect.stringContaining('the model has 3 layers')]);
  });
});
