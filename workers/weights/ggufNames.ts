import type { GgufArchitecture } from './ggufConfig';

/** What becomes of a GGUF tensor on its way to a transformers model. */
export interface NamedTensor {
  /** As transformers names it; unknown ones keep their name. */
  name: string;
  /** Rows of every head in pairs for interleaved rotation, to be undone. */
  isPermuted: boolean;
  /** Stored as [out, in] where transformers has [in, out]. */
  isTransposed: boolean;
}

const llamaModules: Readonly<Record<string, string>> = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};

const gpt2Modules: Readonly<Record<string, string>> = {
  attn_norm: 'ln_1',
  attn_qkv: 'attn.c_attn',
  attn_output: 'attn.c_proj',
  ffn_norm: 'ln_2',
  ffn_up: 'mlp.c_fc',
  ffn_down: 'mlp.c_proj',
};

const llamaTables: Readonly<Record<string, string>> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
};

const gpt2Tables: Readonly<Record<string, string>> = {
  'token_embd.weight': 'transformer.wte.weight',
  'position_embd.weight': 'transformer.wpe.weight',
  'output_norm.weight': 'transformer.ln_f.weight',
  'output_norm.bias': 'transformer.ln_f.bias',
  'output.weight': 'lm_head.weight',
};

const blockTensor = /^blk\.(\d{1,4})\.([a-z_]+)\.(weight|bias)$/;

/** Names of gguf-py's tensor_mapping.py, the other way round. */
export function transformersName(ggufName: string, architecture: GgufArchitecture): NamedTensor {
  const isGpt2 = architecture === 'gpt2';
  const tables = isGpt2 ? gpt2Tables : llamaTables;
  const plain = { isPermuted: false, isTransposed: false };
  if (Object.hasOwn(tables, ggufName)) return { name: tables[ggufName] ?? ggufName, ...plain };
  const [, layer, own = '', kind] = blockTensor.exec(ggufName) ?? [];
  const modules = isGpt2 ? gpt2Modules : llamaModules;
  if (!Object.hasOwn(modules, own)) return { name: ggufName, ...plain };
  return {
    name: `${isGpt2 ? 'transformer.h' : 'model.layers'}.${layer}.${modules[own]}.${kind}`,
    // llama.cpp rotates neighbours where transformers rotates the halves of a head; of other architectures it does the latter, too.
    isPermuted: architecture === 'llama' && kind === 'weight' && (own === 'attn_q' || own === 'attn_k'),
    isTransposed: isGpt2 && kind === 'weight' && !own.endsWith('_norm'),
  };
}
