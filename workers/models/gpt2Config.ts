import {
  badConfig,
  excerpt,
  flag,
  integer,
  number,
  refuseStoredQuantised,
  settingsOf,
  tokenId,
  unsupported,
  type Json,
} from './configValues';

/** What of config.json decides the graph. */
export interface Gpt2Config {
  nLayer: number;
  nEmbd: number;
  nHead: number;
  nPositions: number;
  vocabSize: number;
  /** Width of the MLP: `n_inner`, or 4 × `n_embd` where that is null. */
  nInner: number;
  layerNormEpsilon: number;
  padTokenId: number | null;
  eosTokenId: number | null;
  initializerRange: number;
  scaleAttnWeights: boolean;
  scaleAttnByInverseLayerIdx: boolean;
}

/**
 * Reads a transformers config.json of a GPT-2; absent keys have transformers' defaults.
 * @throws TuneletError 'model/unsupported' for what would compute something else than asked, 'model/bad-config' for
 *   values out of bounds
 */
export function parseGpt2Config(json: unknown): Gpt2Config {
  const settings = settingsOf(json);
  refuseUnsupported(settings);
  const nEmbd = integer(settings, 'n_embd', 1, 65_536);
  const nHead = integer(settings, 'n_head', 1, 1024);
  if (nEmbd % nHead !== 0) {
    throw badConfig(`n_embd is ${nEmbd}, which ${nHead} heads (n_head) do not divide evenly`, { n_embd: nEmbd, n_head: nHead });
  }
  const vocabSize = integer(settings, 'vocab_size', 1, 1 << 24);
  return {
    nLayer: integer(settings, 'n_layer', 1, 512),
    nEmbd,
    nHead,
    nPositions: integer(settings, 'n_positions', 1, 1 << 20),
    vocabSize,
    nInner: settings['n_inner'] == null ? 4 * nEmbd : integer(settings, 'n_inner', 1, 1 << 20),
    layerNormEpsilon: number(settings, 'layer_norm_epsilon', 1e-5, 0, 1),
    padTokenId: tokenId(settings, 'pad_token_id', null, vocabSize),
    eosTokenId: tokenId(settings, 'eos_token_id', 50_256, vocabSize),
    initializerRange: number(settings, 'initializer_range', 0.02, 0, 10),
    scaleAttnWeights: flag(settings, 'scale_attn_weights', true),
    scaleAttnByInverseLayerIdx: flag(settings, 'scale_attn_by_inverse_layer_idx', false),
  };
}

/** Settings whose other values would need other arithmetic. */
function refuseUnsupported(settings: Json): void {
  const type = settings['model_type'] ?? (String(settings['architectures']).includes('GPT2') ? 'gpt2' : undefined);
  if (type !== 'gpt2') {
    const named = type === undefined ? 'no model type' : `the model type “${excerpt(type)}”`;
    throw unsupported(`config.json names ${named}; gpt2, llama, mistral and qwen2 are known`, { model_type: excerpt(type) });
  }
  const activation = settings['activation_function'] ?? 'gelu_new';
  if (activation !== 'gelu_new' && activation !== 'gelu_pytorch_tanh') {
    throw unsupported(`activation_function is “${excerpt(activation)}”; gelu_new and gelu_pytorch_tanh are computed`, {
      activation_function: excerpt(activation),
    });
  }
  if (flag(settings, 'add_cross_attention', false)) {
    throw unsupported('add_cross_attention is true, and there is no second model to attend to', { add_cross_attention: true });
  }
  refuseStoredQuantised(settings);
}
