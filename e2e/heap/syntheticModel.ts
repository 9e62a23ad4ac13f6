import { nano } from '../hub/hubHost';

/** A model of Llama's shape whose weights take about so many bytes, most of them in its table of tokens. */
export interface SyntheticModel {
  /** By name; the weights last. */
  files: ReadonlyMap<string, Buffer>;
  weightBytes: number;
}

type NamedShape = readonly [name: string, shape: readonly number[]];

const width = 1024;
const innerWidth = 2816;
const layers = 2;
const heads = 8;
const fewestTokens = 8192;

/** bfloat16, as most models are stored, so that reading it also means turning it into other numbers. */
export function syntheticLlama(aboutBytes: number): SyntheticModel {
  const block: readonly NamedShape[] = [
    ['input_layernorm.weight', [width]],
    ['self_attn.q_proj.weight', [width, width]],
    ['self_attn.k_proj.weight', [width, width]],
    ['self_attn.v_proj.weight', [width, width]],
    ['self_attn.o_proj.weight', [width, width]],
    ['post_attention_layernorm.weight', [width]],
    ['mlp.gate_proj.weight', [innerWidth, width]],
    ['mlp.up_proj.weight', [innerWidth, width]],
    ['mlp.down_proj.weight', [width, innerWidth]],
  ];
  const blocks = Array.from({ length: layers }, (_, layer) =>
    block.map(([name, shape]): NamedShape => [`model.layers.${layer}.${name}`, shape]),
  ).flat();
  const blockBytes = blocks.reduce((sum, [, shape]) => sum + 2 * sizeOf(shape), 0);
  const vocabularySize = Math.max(fewestTokens, Math.floor((aboutBytes - blockBytes) / (2 * width)));
  const tensors: readonly NamedShape[] = [
    ['model.embed_tokens.weight', [vocabularySize, width]],
    ...blocks,
    ['model.norm.weight', [width]],
  ];
  const weights = safetensors(tensors);
  const files = new Map([
    ['config.json', Buffer.from(JSON.stringify(config(vocabularySize)))],
    ['tokenizer.json', nano('tokenizer.json')],
    ['tokenizer_config.json', nano('tokenizer_config.json')],
    ['model.safetensors', weights],
  ]);
  return { files, weightBytes: weights.length };
}

function config(vocabularySize: number): object {
  return {
    model_type: 'llama',
    vocab_size: vocabularySize,
    hidden_size: width,
    intermediate_size: innerWidth,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: heads,
    max_position_embeddings: 512,
    rms_norm_eps: 1e-5,
    hidden_act: 'silu',
    tie_word_embeddings: true,
    bos_token_id: 0,
    eos_token_id: 0,
    pad_token_id: 0,
  };
}

/** Numbers of either sign, the same few thousand over and over: what they are does not matter here. */
function safetensors(tensors: readonly NamedShape[]): Buffer {
  let end = 0;
  const entries = tensors.map(([name, shape]) => {
    const begin = end;
    end += 2 * sizeOf(shape);
    return [name, { dtype: 'BF16', shape, data_offsets: [begin, end] }] as const;
  });
  const json = JSON.stringify(Object.fromEntries(entries));
  const header = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8, ' '));
  const file = Buffer.allocUnsafe(8 + header.length + end);
  file.writeBigUInt64LE(BigInt(header.length));
  header.copy(file, 8);
  const pattern = Buffer.alloc(1 << 20);
  // 0x3c00 to 0x3cff are 0.008 to 0.031 in bfloat16; the highest bit is the sign.
  for (let at = 0; at < pattern.length; at += 2) pattern.writeUInt16LE(0x3c00 | ((at * 37) & 0xff) | ((at & 8) << 12), at);
  for (let at = 8 + header.length; at < file.length; at += pattern.length) pattern.copy(file, at);
  return file;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
