import type { ModuleShape, ModuleShapes } from '../api/modules';
import type { StoredTensor } from './architecture';
import type { LlamaConfig } from './llamaConfig';
import { checkTensors, numberCount } from './tensorCheck';

/** Before a tensor's name in a task model. */
export const llamaPrefix = 'model.';

/** PEFT's default targets for Llama, Mistral and Qwen2. */
export const llamaDefaultTargets: readonly string[] = ['q_proj', 'v_proj'];

/** What `target_modules` may name. */
export const llamaTargetNames: readonly string[] = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];

export const headTensor = 'lm_head.weight';
export const embeddingTensor = 'embed_tokens.weight';

/** A linear layer of a block: its path in the block, its shape and whether it has a bias. */
interface BlockLinear extends ModuleShape {
  name: string;
  bias: boolean;
}

function blockLinears({ width, heads, kvHeads, headSize, innerWidth, biases }: LlamaConfig): BlockLinear[] {
  const [queries, keys] = [heads * headSize, kvHeads * headSize];
  return [
    { name: 'self_attn.q_proj', inFeatures: width, outFeatures: queries, bias: biases.qkv },
    { name: 'self_attn.k_proj', inFeatures: width, outFeatures: keys, bias: biases.qkv },
    { name: 'self_attn.v_proj', inFeatures: width, outFeatures: keys, bias: biases.qkv },
    { name: 'self_attn.o_proj', inFeatures: queries, outFeatures: width, bias: biases.output },
    { name: 'mlp.gate_proj', inFeatures: width, outFeatures: innerWidth, bias: biases.mlp },
    { name: 'mlp.up_proj', inFeatures: width, outFeatures: innerWidth, bias: biases.mlp },
    { name: 'mlp.down_proj', inFeatures: innerWidth, outFeatures: width, bias: biases.mlp },
  ];
}

/** Canonical name (without "model.") of every tensor the body needs, and its shape in the file: weights [out, in]. */
export function llamaTensorNames(config: LlamaConfig): Map<string, readonly number[]> {
  const names = new Map<string, readonly number[]>([[embeddingTensor, [config.vocabularySize, config.width]]]);
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `layers.${layer}`;
    names.set(`${block}.input_layernorm.weight`, [config.width]);
    names.set(`${block}.post_attention_layernorm.weight`, [config.width]);
    for (const { name, inFeatures, outFeatures, bias } of blockLinears(config)) {
      names.set(`${block}.${name}.weight`, [outFeatures, inFeatures]);
      if (bias) names.set(`${block}.${name}.bias`, [outFeatures]);
    }
  }
  return names.set('norm.weight', [config.width]);
}

/** The language-model head, where it has a tensor of its own. A classifier's files may lack it. */
function headNames({ tiedHead, vocabularySize, width }: LlamaConfig): Map<string, readonly number[]> {
  return new Map(tiedHead ? [] : [[headTensor, [vocabularySize, width]]]);
}

const usedName =
  /^(embed_tokens\.weight|norm\.weight|layers\.\d+\.((input|post_attention)_layernorm\.weight|(self_attn\.[qkvo]|mlp\.(gate|up|down))_proj\.(weight|bias)))$/;

/**
 * Canonical name of a file's tensor, with or without "model."; null for what is ignored: buffers of the rotation
 * (`rotary_emb.inv_freq`), a classification head and anything unknown.
 */
export function canonicalLlamaName(fileName: string): string | null {
  const name = fileName.replace(/^model\./, '');
  return usedName.test(name) || fileName === headTensor ? name : null;
}

/** `canonicalLlamaName`, bounded to what the configuration has: what to ask the weights for. */
export function wantedLlamaTensors(config: LlamaConfig): (fileName: string) => string | null {
  const wanted = new Map([...llamaTensorNames(config), ...headNames(config)]);
  return (fileName) => {
    const name = canonicalLlamaName(fileName);
    return name !== null && wanted.has(name) ? name : null;
  };
}

/** @throws TuneletError 'model/missing-tensor', 'model/wrong-shape' or 'model/unsupported'; see `checkTensors` */
export function checkLlamaTensors(config: LlamaConfig, stored: Iterable<StoredTensor>): void {
  // Some files repeat the embedding as a tied head, which is not read.
  const canonicalName = (name: string): string | null =>
    config.tiedHead && name === headTensor ? null : canonicalLlamaName(name);
  checkTensors(stored, {
    needed: llamaTensorNames(config),
    optional: headNames(config),
    canonicalName,
    layers: { count: config.layers, key: 'num_hidden_layers' },
  });
}

/** Numbers of the model without its head; the token embedding counts once. */
export function llamaParameterCount(config: LlamaConfig): number {
  return numberCount(llamaTensorNames(config).values());
}

/** Every module that LoRA can adapt, by its path in the task model, in the order of the layers. */
export function llamaModuleShapes(config: LlamaConfig): ModuleShapes {
  const modules = new Map<string, ModuleShape>();
  for (let layer = 0; layer < config.layers; layer++) {
    for (const { name, inFeatures, outFeatures } of blockLinears(config)) {
      modules.set(`${llamaPrefix}layers.${layer}.${name}`, { inFeatures, outFeatures });
    }
  }
  return modules;
}
