import { closeSync, openSync, writeSync } from 'node:fs';
import { nano } from '../hub/hubHost';

/** A model of Llama's shape. */
export interface SyntheticModel {
  /** All but the weights, by name. */
  files: ReadonlyMap<string, Buffer>;
  /** Of model.safetensors. */
  weightBytes: number;
  shapes: ReadonlyMap<string, readonly number[]>;
  /** model.safetensors, in pieces of a megabyte. */
  weights(): Generator<Buffer>;
  /** One number of a tensor, by its place among the tensor's numbers. */
  numberAt(tensor: string, index: number): number;
}

type NamedShape = readonly [name: string, shape: readonly number[]];

const width = 1024;
const innerWidth = 2816;
const fewestLayers = 2;
const heads = 8;
const fewestTokens = 8192;

/**
 * bfloat16, as most models are stored, so that reading it also means turning it into other numbers.
 * @param aboutBytes of the weights; what the layers do not take is the table of tokens
 */
export function syntheticLlama(aboutBytes: number, layers = fewestLayers): SyntheticModel {
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
  const files = new Map([
    ['config.json', Buffer.from(JSON.stringify(config(vocabularySize, layers)))],
    ['tokenizer.json', nano('tokenizer.json')],
    ['tokenizer_config.json', nano('tokenizer_config.json')],
  ]);
  return { files, shapes: new Map(tensors), ...safetensors(tensors) };
}

/** Half of about so many bytes are in the layers. */
export function layersFor(aboutBytes: number): number {
  const layerBytes = 2 * (4 * width * width + 3 * width * innerWidth);
  return Math.max(fewestLayers, Math.floor(aboutBytes / 2 / layerBytes));
}

/** Piece by piece: the file may be larger than memory. */
export function writeWeights(model: SyntheticModel, path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const piece of model.weights()) writeSync(file, piece);
  } finally {
    closeSync(file);
  }
}

function config(vocabularySize: number, layers: number): object {
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

const patternNumbers = 1 << 19;

/** Numbers of either sign, the same half a million over and over. */
function safetensors(tensors: readonly NamedShape[]): Pick<SyntheticModel, 'weightBytes' | 'weights' | 'numberAt'> {
  let end = 0;
  const entries = tensors.map(([name, shape]) => {
    const begin = end;
    end += 2 * sizeOf(shape);
    return [name, { dtype: 'BF16', shape, data_offsets: [begin, end] }] as const;
  });
  const json = JSON.stringify(Object.fromEntries(entries));
  const header = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  header.writeBigUInt64LE(BigInt(header.length - 8));
  header.write(json, 8);
  const begins = new Map(entries.map(([name, { data_offsets }]) => [name, data_offsets[0] ?? 0]));
  return {
    weightBytes: header.length + end,
    *weights() {
      yield header;
      const pattern = Buffer.alloc(2 * patternNumbers);
      for (let at = 0; at < patternNumbers; at++) pattern.writeUInt16LE(bitsAt(at), 2 * at);
      for (let at = 0; at < end; at += pattern.length) yield pattern.subarray(0, Math.min(pattern.length, end - at));
    },
    numberAt(tensor, index) {
      const begin = begins.get(tensor);
      if (begin === undefined) throw new Error(`The model has no ${tensor}.`);
      const word = Buffer.alloc(4);
      word.writeUInt16LE(bitsAt((begin / 2 + index) % patternNumbers), 2);
      return word.readFloatLE();
    },
  };
}

/** 0x3c00 to 0x3cff are 0.008 to 0.031 in bfloat16; the highest bit is the sign. */
function bitsAt(at: number): number {
  const mixed = Math.imul(at + 1, 0x9e3779b1);
  return 0x3c00 | ((mixed >>> 16) & 0xff) | ((mixed >>> 9) & 0x8000);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
