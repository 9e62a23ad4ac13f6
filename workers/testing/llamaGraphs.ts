import type { WeightStorage } from '../engine/graph';
import { parseLlamaConfig } from '../models/llamaConfig';
import { llamaModel } from '../models/llamaModel';
import { buildClassifierGraphs, type ClassifierGraphs } from '../training/graphs';

/** SmolLM2-135M: nine heads share three. */
const smolLm2 = { hidden_size: 576, intermediate_size: 1536, max_position_embeddings: 8192, num_attention_heads: 9, num_hidden_layers: 30, num_key_value_heads: 3, rms_norm_eps: 1e-5, rope_theta: 100000, tie_word_embeddings: true, vocab_size: 49152 }; // prettier-ignore

/** Llama-2-7B's config.json. */
export const llama2 = { hidden_size: 4096, intermediate_size: 11008, max_position_embeddings: 4096, num_attention_heads: 32, num_hidden_layers: 32, num_key_value_heads: 32, rms_norm_eps: 1e-5, tie_word_embeddings: false, vocab_size: 32000 }; // prettier-ignore

/** Llama-3.2-1B: slowed rotation, the head tied to the embedding. */
const llama3 = { hidden_size: 2048, head_dim: 64, intermediate_size: 8192, max_position_embeddings: 131072, num_attention_heads: 32, num_hidden_layers: 16, num_key_value_heads: 8, rms_norm_eps: 1e-5, rope_scaling: { factor: 32, high_freq_factor: 4, low_freq_factor: 1, original_max_position_embeddings: 8192, rope_type: 'llama3' }, rope_theta: 500000, tie_word_embeddings: true, vocab_size: 128256 }; // prettier-ignore

/** Mistral-7B. */
const mistral = { hidden_size: 4096, intermediate_size: 14336, max_position_embeddings: 32768, num_attention_heads: 32, num_hidden_layers: 32, num_key_value_heads: 8, rms_norm_eps: 1e-5, sliding_window: 4096, vocab_size: 32000 }; // prettier-ignore

/** Qwen2.5-0.5B. */
const qwen2 = { hidden_size: 896, intermediate_size: 4864, max_position_embeddings: 32768, num_attention_heads: 14, num_hidden_layers: 24, num_key_value_heads: 2, rms_norm_eps: 1e-6, rope_theta: 1000000, tie_word_embeddings: true, vocab_size: 151936 }; // prettier-ignore

export const llamaModels = {
  'SmolLM2-135M': llamaModel(parseLlamaConfig(smolLm2, 'llama')),
  'Llama-2-7B': llamaModel(parseLlamaConfig(llama2, 'llama')),
  'Llama-3.2-1B': llamaModel(parseLlamaConfig(llama3, 'llama')),
  'Mistral-7B': llamaModel(parseLlamaConfig(mistral, 'mistral')),
  'Qwen2.5-0.5B': llamaModel(parseLlamaConfig(qwen2, 'qwen2')),
};

export interface LlamaSetup {
  name: keyof typeof llamaModels;
  targets: readonly string[];
  storage: WeightStorage;
  fp16: boolean;
  dora?: boolean;
}

/** Every model of this kind with adapters, storages and precisions that its users choose. */
export const llamaSetups: readonly LlamaSetup[] = [
  { name: 'SmolLM2-135M', targets: ['q_proj', 'v_proj'], storage: 'float16', fp16: false },
  { name: 'SmolLM2-135M', targets: ['k_proj', 'v_proj', 'down_proj'], storage: 'int8', fp16: true },
  { name: 'Llama-2-7B', targets: ['q_proj', 'v_proj'], storage: 'int4', fp16: true },
  { name: 'Llama-3.2-1B', targets: ['q_proj', 'v_proj'], storage: 'int8', fp16: false },
  { name: 'Mistral-7B', targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'], storage: 'int4', fp16: false }, // prettier-ignore
  { name: 'Qwen2.5-0.5B', targets: ['q_proj', 'v_proj'], storage: 'float16', fp16: true },
  { name: 'Qwen2.5-0.5B', targets: ['q_proj', 'k_proj', 'v_proj', 'up_proj'], storage: 'float16', fp16: true, dora: true },
  { name: 'SmolLM2-135M', targets: ['q_proj', 'v_proj', 'down_proj'], storage: 'int4', fp16: false, dora: true },
];

export function llamaGraphs({ name, targets, storage, fp16, dora = false }: LlamaSetup): ClassifierGraphs {
  const adapts = (module: string): boolean => targets.some((target) => module.endsWith(target));
  const lora = { r: 8, scaling: 2, dropout: 0.05, dora, adapts };
  return buildClassifierGraphs(llamaModels[name], { lora, labelCount: 3, storage }, { fp16 });
}
