import { TuneletError } from '../api/errors';
import type { GgufTensor } from '../files/gguf';
import type { GgufMetadata } from './ggufMetadata';
import { ropeScalingOf } from './ropeFactors';

/** Architectures of GGUF files that have a config.json of transformers here. */
export type GgufArchitecture = 'llama' | 'qwen2' | 'gpt2';

const architectures: readonly string[] = ['llama', 'qwen2', 'gpt2'] satisfies GgufArchitecture[];

export interface GgufConfigInputs {
  metadata: GgufMetadata;
  tensors: readonly Pick<GgufTensor, 'name' | 'shape'>[];
  /** Numbers of `rope_freqs.weight`, or null where there is none. */
  ropeFactors: Float32Array | null;
}

/** @throws TuneletError 'model/unsupported' for another architecture, by name */
export function architectureOf(metadata: GgufMetadata): GgufArchitecture {
  const name = metadata.required(metadata.text('general.architecture'), 'general.architecture');
  if (isKnown(name)) return name;
  throw unsupported(metadata, `its architecture is “${name.slice(0, 60)}”; llama (with Mistral), qwen2 and gpt2 are read`);
}

/**
 * What transformers' config.json says of the model that a GGUF file holds.
 * @throws TuneletError 'model/bad-gguf' for metadata that are missing, 'model/unsupported' for what no config here can say
 */
export function ggufConfig(inputs: GgufConfigInputs): Record<string, unknown> {
  const { metadata, tensors } = inputs;
  const architecture = architectureOf(metadata);
  const ids = {
    bos_token_id: metadata.number('tokenizer.ggml.bos_token_id'),
    eos_token_id: metadata.number('tokenizer.ggml.eos_token_id'),
    pad_token_id: metadata.number('tokenizer.ggml.padding_token_id'),
    vocab_size: metadata.required(
      tensors.find(({ name }) => name === 'token_embd.weight')?.shape[0] ?? null,
      'token_embd.weight',
    ),
  };
  if ((metadata.number(`${architecture}.expert_count`) ?? 0) > 0) throw unsupported(metadata, 'it is a mixture of experts');
  return architecture === 'gpt2' ? { ...gpt2Config(inputs), ...ids } : { ...llamaConfig(inputs, architecture), ...ids };
}

function gpt2Config({ metadata }: GgufConfigInputs): Record<string, unknown> {
  const needed = (key: string) => metadata.required(metadata.sameInAllLayers(`gpt2.${key}`), `gpt2.${key}`);
  return {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    n_layer: needed('block_count'),
    n_embd: needed('embedding_length'),
    n_head: needed('attention.head_count'),
    n_positions: needed('context_length'),
    n_inner: needed('feed_forward_length'),
    layer_norm_epsilon: decimal(metadata.number('gpt2.attention.layer_norm_epsilon') ?? 1e-5),
    activation_function: 'gelu_new',
    tie_word_embeddings: true,
  };
}

function llamaConfig(
  { metadata, tensors, ropeFactors }: GgufConfigInputs,
  architecture: 'llama' | 'qwen2',
): Record<string, unknown> {
  const own = (key: string) => metadata.sameInAllLayers(`${architecture}.${key}`);
  const needed = (key: string) => metadata.required(own(key), `${architecture}.${key}`);
  const has = (name: string) => tensors.some((tensor) => tensor.name === name);
  const [width, heads] = [needed('embedding_length'), needed('attention.head_count')];
  const headSize = own('attention.key_length') ?? width / heads;
  const rotated = own('rope.dimension_count') ?? headSize;
  if (rotated !== headSize) throw unsupported(metadata, `it rotates ${rotated} of the ${headSize} numbers of a head`);
  const valueSize = own('attention.value_length') ?? headSize;
  if (valueSize !== headSize) throw unsupported(metadata, `its keys have ${headSize} numbers a head, its values ${valueSize}`);
  const window = own('attention.sliding_window');
  return {
    ...familyOf(metadata, architecture, window),
    num_hidden_layers: needed('block_count'),
    hidden_size: width,
    intermediate_size: needed('feed_forward_length'),
    num_attention_heads: heads,
    num_key_value_heads: own('attention.head_count_kv') ?? heads,
    head_dim: headSize,
    max_position_embeddings: needed('context_length'),
    rms_norm_eps: decimal(needed('attention.layer_norm_rms_epsilon')),
    rope_parameters: ropeScalingOf({ metadata, architecture, headSize, factors: ropeFactors }),
    hidden_act: 'silu',
    attention_bias: architecture === 'llama' && has('blk.0.attn_q.bias'),
    mlp_bias: has('blk.0.ffn_up.bias'),
    tie_word_embeddings: !has('output.weight'),
  };
}

/** llama.cpp calls Mistral's models llama; only their name, or a window, tells them apart. */
function familyOf(metadata: GgufMetadata, architecture: 'llama' | 'qwen2', window: number | null): Record<string, unknown> {
  if (architecture === 'qwen2') return { architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2' };
  const isMistral = window !== null || /mistral/i.test(metadata.text('general.name') ?? '');
  return isMistral
    ? { architectures: ['MistralForCausalLM'], model_type: 'mistral', sliding_window: window }
    : { architectures: ['LlamaForCausalLM'], model_type: 'llama' };
}

/** The decimal that a float32 was written for: 1e-5, not 0.000009999999747378752. */
function decimal(value: number): number {
  return Number(value.toPrecision(7));
}

function isKnown(name: string): name is GgufArchitecture {
  return architectures.includes(name);
}

function unsupported({ fileName }: GgufMetadata, fault: string): TuneletError {
  return new TuneletError(
    'model/unsupported',
    `${fileName} cannot be tuned here: ${fault}.`,
    'Choose a GGUF file of a Llama, Mistral or GPT-2 model, for example SmolLM2-135M-Instruct.',
    { file: fileName },
  );
}
