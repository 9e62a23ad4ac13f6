import type { GgufArchitecture } from './ggufConfig';

/** A tensor's name on the other side, and how its rows differ between the two. */
export interface NamedTensor {
  name: string;
  /** A GGUF file has the rows of every head in pairs, for interleaved rotation. */
  isPermuted: boolean;
  /** A GGUF file has [out, in] where transformers has [in, out]. */
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

const gpt2BlockTensor = /^transformer\.h\.(\d{1,4})\.(.+)\.(weight|bias)$/;
const llamaBlockTensor = /^model\.layers\.(\d{1,4})\.(.+)\.(weight|bias)$/;
const blockTensor = /^blk\.(\d{1,4})\.([a-z_]+)\.(weight|bias)$/;

const plain = { isPermuted: false, isTransposed: false } as const;

/** Names of gguf-py's tensor_mapping.py, the other way round; unknown ones keep their name. */
export function transformersName(ggufName: string, architecture: GgufArchitecture): NamedTensor {
  const isGpt2 = architecture === 'gpt2';
  const tables = isGpt2 ? gpt2Tables : llamaTables;
  if (Object.hasOwn(tables, ggufName)) return { name: tables[ggufName] ?? ggufName, ...plain };
  const [, layer, own = '', kind] = blockTensor.exec(ggufName) ?? [];
  const modules = isGpt2 ? gpt2Modules : llamaModules;
  if (!Object.hasOwn(modules, own)) return { name: ggufName, ...plain };
  return {
    name: `${isGpt2 ? 'transformer.h' : 'model.layers'}.${layer}.${modules[own]}.${kind}`,
    // llama.cpp rotates neighbours where transformers rotates the halves of a head; of other architectures it does the latter, too.
    isPermuted: architecture === 'llama' && (own === 'attn_q' || own === 'attn_k'),
    isTransposed: isGpt2 && kind === 'weight' && !own.endsWith('_norm'),
  };
}

/** A tensor of a transformers model as a GGUF file has it; null for one that has no place there. The inverse of `transformersName`. */
export function ggufName(name: string, architecture: GgufArchitecture): NamedTensor | null {
  const isGpt2 = architecture === 'gpt2';
  const [table] = Object.entries(isGpt2 ? gpt2Tables : llamaTables).find(([, own]) => own === name) ?? [];
  if (table !== undefined) return { ...plain, name: table };
  const [, layer, module, kind] = (isGpt2 ? gpt2BlockTensor : llamaBlockTensor).exec(name) ?? [];
  const [own] = Object.entries(isGpt2 ? gpt2Modules : llamaModules).find(([, path]) => path === module) ?? [];
  if (own === undefined) return null;
  const written = `blk.${layer}.${own}.${kind}`;
  return { ...transformersName(written, architecture), name: written };
}
