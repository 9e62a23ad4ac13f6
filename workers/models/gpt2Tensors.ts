import { TuneletError } from '../api/errors';
import type { ModuleShape, ModuleShapes } from '../api/modules';
import { readableTensorTypes } from '../api/tensorTypes';
import type { StoredTensor } from './architecture';
import type { Gpt2Config } from './gpt2Config';

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

/**
 * Checks that every needed tensor is there once, holds floats and has the configuration's shape.
 * @throws TuneletError 'model/missing-tensor', 'model/wrong-shape' or 'model/unsupported'
 */
export function checkGpt2Tensors(config: Gpt2Config, stored: Iterable<StoredTensor>): void {
  const found = new Map<string, StoredTensor>();
  for (const tensor of stored) {
    const name = canonicalGpt2Name(tensor.name);
    if (name === null) continue;
    const other = found.get(name);
    if (other) throw twice(other.name, tensor.name);
    found.set(name, tensor);
  }
  const needed = gpt2TensorNames(config);
  const missing = [...needed.keys()].filter((name) => !found.has(name));
  if (missing[0] !== undefined) throw missingTensor(missing[0], missing.length, needed.size);
  for (const [name, shape] of needed) {
    const tensor = found.get(name)!;
    if (tensor.shape.join() !== shape.join()) throw wrongShape(tensor, shape);
    if (!readableTensorTypes.includes(tensor.dtype)) throw wrongType(tensor);
  }
  const extra = [...found.keys()].find((name) => !needed.has(name));
  if (extra !== undefined) throw tooManyLayers(config, extra);
}

/** Numbers of the model without its head; the token embedding counts once. */
export function gpt2ParameterCount(config: Gpt2Config): number {
  let count = 0;
  for (const shape of gpt2TensorNames(config).values()) count += shape.reduce((product, size) => product * size, 1);
  return count;
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
    for (const [name, shape] of inLayer) modules.set(`transformer.h.${layer}.${name}`, shape);
  }
  return modules;
}

function twice(first: string, second: string): TuneletError {
  return new TuneletError(
    'model/unsupported',
    `The weights hold one tensor under two names: ${first} and ${second}.`,
    'Save the model again with transformers, which writes each tensor once.',
    { tensor: second },
  );
}

function missingTensor(name: string, count: number, neededCount: number): TuneletError {
  const others = count === 1 ? '' : ` and ${count - 1} more of the ${neededCount} needed`;
  return new TuneletError(
    'model/missing-tensor',
    `The weights lack the tensor ${name}${others}.`,
    'Choose the model.safetensors and config.json of one and the same GPT-2 model.',
    { tensor: name, missing: count },
  );
}

function wrongShape(tensor: StoredTensor, shape: readonly number[]): TuneletError {
  const [met, wanted] = [`[${tensor.shape.join(', ')}]`, `[${shape.join(', ')}]`];
  return new TuneletError(
    'model/wrong-shape',
    `The tensor ${tensor.name} has the shape ${met}; config.json asks for ${wanted}.`,
    'Choose the model.safetensors and config.json of one and the same model.',
    { tensor: tensor.name, shape: met, expected: wanted },
  );
}

function wrongType(tensor: StoredTensor): TuneletError {
  return new TuneletError(
    'model/unsupported',
    `The tensor ${tensor.name} holds ${tensor.dtype} numbers; ${readableTensorTypes.join(', ')} are read.`,
    'Save the model with one of these types, for example with model.float().save_pretrained(folder).',
    { tensor: tensor.name, dtype: tensor.dtype },
  );
}

function tooManyLayers(config: Gpt2Config, name: string): TuneletError {
  return new TuneletError(
    'model/wrong-shape',
    `The weights hold the tensor ${name}, but config.json says that the model has ${config.nLayer} layers (n_layer).`,
    'Choose the model.safetensors and config.json of one and the same model.',
    { tensor: name, n_layer: config.nLayer },
  );
}
