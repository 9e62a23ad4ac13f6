import type { ModuleShape, ModuleShapes } from '../api/modules';
import type { StoredTensor } from './architecture';
import type { Gpt2Config } from './gpt2Config';
import { checkTensors, numberCount } from './tensorCheck';

/** Before a tensor's name in a task model. */
export const gpt2Prefix = 'transformer.';

/** PEFT's default targets for GPT-2. */
export const gpt2DefaultTargets: readonly string[] = ['c_attn'];

/** What `target_modules` may name; `c_proj` is both the attention's and the MLP's. */
export const gpt2TargetNames: readonly string[] = ['c_attn', 'c_proj', 'c_fc'];

/** Canonical name (without "transformer.") of every tensor the model needs, and its shape in the file: weights [in, out]. */
export function gpt2TensorNames(config: Gpt2Config): Map<string, readonly number[]> {
  const { nEmbd, nInner } = config;
  const names = new Map<string, readonly number[]>([
    ['wte.weight', [config.vocabSize, nEmbd]],
    ['wpe.weight', [config.nPositions, nEmbd]],
  ]);
  const addPair = (name: string, weight: readonly number[], width: number) => {
    names.set(`${name}.weight`, weight);
    names.set(`${name}.bias`, [width]);
  };
  for (let layer = 0; layer < config.nLayer; layer++) {
    addPair(`h.${layer}.ln_1`, [nEmbd], nEmbd);
    addPair(`h.${layer}.attn.c_attn`, [nEmbd, 3 * nEmbd], 3 * nEmbd);
    addPair(`h.${layer}.attn.c_proj`, [nEmbd, nEmbd], nEmbd);
    addPair(`h.${layer}.ln_2`, [nEmbd], nEmbd);
    addPair(`h.${layer}.mlp.c_fc`, [nEmbd, nInner], nInner);
    addPair(`h.${layer}.mlp.c_proj`, [nInner, nEmbd], nEmbd);
  }
  addPair('ln_f', [nEmbd], nEmbd);
  return names;
}

const neededName =
  /^(wte\.weight|wpe\.weight|ln_f\.(weight|bias)|h\.\d+\.(ln_[12]|attn\.c_attn|(attn|mlp)\.c_proj|mlp\.c_fc)\.(weight|bias))$/;

/**
 * Canonical name of a file's tensor, with or without "transformer."; null for what a classifier ignores: causal-mask
 * buffers (`attn.bias`, `attn.masked_bias`), heads (`lm_head.weight`, `score.weight`) and anything unknown.
 */
export function canonicalGpt2Name(fileName: string): string | null {
  const name = fileName.replace(/^transformer\./, '');
  return neededName.test(name) ? name : null;
}

/** `canonicalGpt2Name`, bounded to the layers that the configuration has: what to ask the weights for. */
export function wantedGpt2Tensors(config: Gpt2Config): (fileName: string) => string | null {
  const needed = gpt2TensorNames(config);
  return (fileName) => {
    const name = canonicalGpt2Name(fileName);
    return name !== null && needed.has(name) ? name : null;
  };
}

/** @throws TuneletError 'model/missing-tensor', 'model/wrong-shape' or 'model/unsupported'; see `checkTensors` */
export function checkGpt2Tensors(config: Gpt2Config, stored: Iterable<StoredTensor>): void {
  checkTensors(stored, {
    needed: gpt2TensorNames(config),
    canonicalName: canonicalGpt2Name,
    layers: { count: config.nLayer, key: 'n_layer' },
  });
}

/** Numbers of the model without its head; the token embedding counts once. */
export function gpt2ParameterCount(config: Gpt2Config): number {
  return numberCount(gpt2TensorNames(config).values());
}

/** Every module that LoRA can adapt, by its path in the task model, in the order of the layers. */
export function gpt2ModuleShapes(config: Gpt2Config): ModuleShapes {
  const { nEmbd, nInner } = config;
  const inLayer: [string, ModuleShape][] = [
    ['attn.c_attn', { inFeatures: nEmbd, outFeatures: 3 * nEmbd }],
    ['attn.c_proj', { inFeatures: nEmbd, outFeatures: nEmbd }],
    ['mlp.c_fc', { inFeatures: nEmbd, outFeatures: nInner }],
    ['mlp.c_proj', { inFeatures: nInner, outFeatures: nEmbd }],
  ];
  const modules = new Map<string, ModuleShape>();
  for (let layer = 0; layer < config.nLayer; layer++) {
    for (const [name, shape] of inLayer) modules.set(`${gpt2Prefix}h.${layer}.${name}`, shape);
  }
  return modules;
}
