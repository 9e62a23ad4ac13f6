import {
  badConfig,
  excerpt,
  flag,
  integer,
  number,
  refuseStoredQuantised,
  settingsOf,
  unsupported,
  type Json,
} from './configValues';
import { rotaryFrequencies } from './rotaryFrequencies';

export type LlamaFamily = 'llama' | 'mistral' | 'qwen2';

/** What of config.json decides the graph of a Llama, Mistral or Qwen2. */
export interface LlamaConfig {
  family: LlamaFamily;
  layers: number;
  width: number;
  heads: number;
  kvHeads: number;
  headSize: number;
  /** Width of the MLP. */
  innerWidth: number;
  positions: number;
  vocabularySize: number;
  rmsNormEpsilon: number;
  /** Radians a position, for each pair of a head. */
  frequencies: readonly number[];
  /** For each layer how many keys a query sees, itself among them; null: all before it. */
  windows: readonly (number | null)[];
  /** Which linear layers have a bias. */
  biases: { qkv: boolean; output: boolean; mlp: boolean };
  /** The language-model head is the token embedding. */
  tiedHead: boolean;
  padTokenId: number | null;
  /** Any of these ends a generation. */
  eosTokenIds: readonly number[];
  initializerRange: number;
}

/**
 * Reads a transformers config.json of these families; absent keys have transformers' defaults.
 * @throws TuneletError 'model/unsupported' for what would compute something else than asked, 'model/bad-config' for values out
 *   of bounds
 */
export function parseLlamaConfig(json: unknown, family: LlamaFamily): LlamaConfig {
  const settings = settingsOf(json);
  refuseUnsupported(settings, family);
  const width = integer(settings, 'hidden_size', 1, 65_536);
  const heads = integer(settings, 'num_attention_heads', 1, 1024);
  const layers = integer(settings, 'num_hidden_layers', 1, 512);
  const vocabularySize = integer(settings, 'vocab_size', 1, 1 << 24);
  const headSize = headSizeOf(settings, width, heads);
  const attentionBias = family === 'llama' && flag(settings, 'attention_bias', false);
  return {
    family,
    layers,
    width,
    heads,
    kvHeads: kvHeadsOf(settings, family, heads),
    headSize,
    innerWidth: integer(settings, 'intermediate_size', 1, 1 << 20),
    positions: integer(settings, 'max_position_embeddings', 1, 1 << 24, family === 'llama' ? 2048 : 32_768),
    vocabularySize,
    rmsNormEpsilon: number(settings, 'rms_norm_eps', 1e-6, 0, 1),
    frequencies: rotaryFrequencies(settings, headSize),
    windows: windowsOf(settings, family, layers),
    biases: {
      qkv: family === 'qwen2' || attentionBias,
      output: attentionBias,
      mlp: family === 'llama' && flag(settings, 'mlp_bias', false),
    },
    tiedHead: flag(settings, 'tie_word_embeddings', false),
    padTokenId: padTokenIdOf(settings, vocabularySize),
    eosTokenIds: eosTokenIdsOf(settings, vocabularySize),
    initializerRange: number(settings, 'initializer_range', 0.02, 0, 10),
  };
}

/** Settings of relatives that compute something else where they are not at this value. */
const neutralValues: Readonly<Record<string, unknown>> = {
  attn_logit_softcapping: null,
  final_logit_softcapping: null,
  query_pre_attn_scalar: null,
  clip_qkv: null,
  use_qk_norm: false,
  qk_norm: false,
  embedding_multiplier: 1,
  residual_multiplier: 1,
  attention_multiplier: null,
  logits_scaling: 1,
  no_rope_layers: null,
  num_local_experts: null,
  num_experts: null,
  use_mrope: false,
};

function refuseUnsupported(settings: Json, family: LlamaFamily): void {
  const activation = settings['hidden_act'] ?? 'silu';
  if (activation !== 'silu' && activation !== 'swish') {
    throw unsupported(`hidden_act is “${excerpt(activation)}”; silu is computed`, { hidden_act: excerpt(activation) });
  }
  refuseStoredQuantised(settings);
  for (const [key, neutral] of Object.entries(neutralValues)) {
    const value = settings[key];
    if (value == null || value === neutral) continue;
    throw unsupported(`${key} is ${excerpt(value)}, which ${family} does not compute`, { [key]: excerpt(value) });
  }
}

function headSizeOf(settings: Json, width: number, heads: number): number {
  const given = settings['head_dim'] ?? width / heads;
  // A rotation's table and WGSL's workgroups hold that much.
  if (typeof given === 'number' && Number.isInteger(given) && given >= 2 && given <= 256 && given % 2 === 0) return given;
  throw badConfig(
    `head_dim is ${excerpt(given)} (hidden_size ${width}, num_attention_heads ${heads}); it must be an even number from 2 to 256`,
    { head_dim: excerpt(given), hidden_size: width, num_attention_heads: heads },
  );
}

function kvHeadsOf(settings: Json, family: LlamaFamily, heads: number): number {
  const usual = { llama: heads, mistral: 8, qwen2: 32 }[family];
  const kvHeads = integer(settings, 'num_key_value_heads', 1, 1024, usual);
  if (heads % kvHeads === 0) return kvHeads;
  throw badConfig(`num_attention_heads is ${heads}, which num_key_value_heads, ${kvHeads}, does not divide evenly`, {
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
  });
}

/** Mistral's window holds in every layer; Qwen2's where it is switched on, in the layers from max_window_layers on. */
function windowsOf(settings: Json, family: LlamaFamily, layers: number): (number | null)[] {
  const window = settings['sliding_window'] === null ? null : integer(settings, 'sliding_window', 1, 1 << 24, 4096);
  const slides = slidingLayers(settings, family, layers);
  return slides.map((slide) => (slide ? window : null));
}

function slidingLayers(settings: Json, family: LlamaFamily, layers: number): boolean[] {
  const types = settings['layer_types'];
  const isSwitchedOn = family === 'mistral' || (family === 'qwen2' && flag(settings, 'use_sliding_window', false));
  if (types == null) {
    const first = family === 'qwen2' ? integer(settings, 'max_window_layers', 0, 1 << 16, 28) : 0;
    return Array.from({ length: layers }, (_, layer) => isSwitchedOn && layer >= first);
  }
  if (!Array.isArray(types) || types.length !== layers) throw badConfig(`layer_types does not name ${layers} layers`, { layers });
  return types.map((type: unknown) => {
    if (type === 'full_attention') return false;
    if (type === 'sliding_attention' && isSwitchedOn) return true;
    throw unsupported(`layer_types holds “${excerpt(type)}”, which ${family} does not compute`, { layer_types: excerpt(type) });
  });
}

/** Early Llamas say -1 where they mean none. */
function padTokenIdOf(settings: Json, vocabularySize: number): number | null {
  const value = settings['pad_token_id'];
  return value == null || value === -1 ? null : integer(settings, 'pad_token_id', 0, vocabularySize - 1);
}

function eosTokenIdsOf(settings: Json, vocabularySize: number): number[] {
  const value = settings['eos_token_id'];
  if (value == null) return [];
  const ids: unknown[] = Array.isArray(value) ? value : [value];
  return ids.map((id) => integer({ eos_token_id: id }, 'eos_token_id', 0, vocabularySize - 1));
}
