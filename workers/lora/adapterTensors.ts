import { adapterPrefix, loraTensor, savedTensor, scoreTensor } from '../api/adapterNames';
import { TuneletError } from '../api/errors';
import type { ModuleShapes, TensorShapes } from '../api/modules';
import { savedTensors } from '../api/savedModules';
import type { FloatTensor } from '../files/safetensorsData';
import type { AdapterConfig, LoraConfig } from './config';
import { adaptedModules, targetNames } from './targets';

/** The model that an adapter is for. */
export interface AdaptableModel {
  name: string;
  modules: ModuleShapes;
  /** All of the body, by path in the task model. */
  tensors: TensorShapes;
  /** Inputs of the classification head. */
  width: number;
  /** Its adapted layers store weights as [in, out], as GPT-2's do. */
  fanInFanOut: boolean;
  /** PEFT's, where an adapter names none. */
  defaultTargets: readonly string[];
}

/** The parts of a configuration that decide an adapter's tensors. */
export type AdapterShape = Pick<LoraConfig, 'r' | 'targetModules' | 'modulesToSave' | 'layers' | 'task' | 'useDora'>;

/**
 * PEFT's name and shape of every tensor of an adapter: A [r, in], B [out, r], DoRA's magnitudes [out], copies of the modules
 * that are trained as a whole, and with a head of its own score [labels, width].
 */
export function adapterShapes(
  config: AdapterShape,
  model: Pick<AdaptableModel, 'modules' | 'tensors' | 'width'>,
  labelCount: number,
): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const module of adaptedModules(config, model.modules)) {
    const { inFeatures, outFeatures } = model.modules.get(module)!;
    shapes.set(loraTensor(module, 'lora_A'), [config.r, inFeatures]);
    shapes.set(loraTensor(module, 'lora_B'), [outFeatures, config.r]);
    if (config.useDora) shapes.set(loraTensor(module, 'lora_magnitude_vector'), [outFeatures]);
  }
  for (const [path, shape] of savedTensors(config.modulesToSave ?? [], model.tensors)) shapes.set(savedTensor(path), shape);
  return hasHead(config) ? shapes.set(scoreTensor, [labelCount, model.width]) : shapes;
}

function hasHead({ task }: AdapterShape): boolean {
  return task !== 'CAUSAL_LM';
}

/** Older PEFT keeps the adapter's name inside the key, or calls magnitudes a weight. */
export function canonicalAdapterName(name: string): string {
  return name
    .replace(/\.(lora_[AB])\.default\.weight$/, '.$1.weight')
    .replace(/\.lora_magnitude_vector(\.default)?(\.weight)?$/, '.lora_magnitude_vector');
}

/**
 * Holds the tensors of a file against what configuration and model ask for; nothing may be missing or left over.
 * @returns the tensors by PEFT's present names, and how many labels the head has (0: there is none)
 * @throws TuneletError 'adapter/does-not-fit' with the reason, 'adapter/bad-archive' for values that are no numbers
 */
export function fitTensors(
  stored: ReadonlyMap<string, FloatTensor>,
  config: AdapterConfig,
  model: AdaptableModel,
): { tensors: Map<string, Float32Array>; labelCount: number } {
  const fail = (reason: string, details: TuneletError['details'] = {}): never => {
    throw new TuneletError(
      'adapter/does-not-fit',
      `This adapter does not fit ${model.name}. ${reason}`,
      remedy(config, model),
      details,
    );
  };
  const found = new Map<string, FloatTensor>();
  for (const [name, tensor] of stored) {
    const canonical = canonicalAdapterName(name);
    if (found.has(canonical)) fail(`It holds the tensor ${canonical} twice.`, { tensor: name });
    found.set(canonical, tensor);
  }
  const modules = modulesOf(found.keys());
  const wantedModules = adaptedModules(config, model.modules);
  if (modules.length === 0) fail(`None of its tensors is a LoRA matrix named ${adapterPrefix}….lora_A.weight.`);
  if (!isSameSet(modules, wantedModules)) fail(difference(modules, wantedModules, config, model), { modules: modules.length });
  const labelCount = hasHead(config)
    ? (found.get(scoreTensor)?.shape[0] ?? fail('It has no classification head: score.weight is missing.'))
    : 0;
  if (hasHead(config) && labelCount < 2) fail(`Its classification head has ${labelCount} label; at least two are needed.`);
  const shapes = adapterShapes(config, model, labelCount);
  const missing = [...shapes.keys()].find((name) => !found.has(name));
  if (missing !== undefined) fail(`Its tensor ${missing} is missing.`, { tensor: missing });
  const extra = [...found.keys()].find((name) => !shapes.has(name));
  if (extra !== undefined)
    fail(
      `It holds the tensor ${extra}, which no ${config.useDora ? 'DoRA' : 'plain LoRA'} adapter ${hasHead(config) ? 'with' : 'without'} a classification head has.`,
      { tensor: extra },
    );
  const tensors = new Map<string, Float32Array>();
  for (const [name, shape] of shapes) {
    const tensor = found.get(name)!;
    if (tensor.shape.join() !== shape.join()) fail(wrongShape(name, tensor.shape, shape, config, model), { tensor: name });
    if (!tensor.values.every(Number.isFinite)) throw notFinite(name);
    tensors.set(name, tensor.values);
  }
  return { tensors, labelCount };
}

function modulesOf(names: Iterable<string>): string[] {
  const modules = new Set<string>();
  for (const name of names) {
    const module = /^base_model\.model\.(.+)\.lora_[AB]\.weight$/.exec(name)?.[1];
    if (module !== undefined) modules.add(module);
  }
  return [...modules];
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  const set = new Set(b);
  return a.length === set.size && a.every((entry) => set.has(entry));
}

function difference(modules: string[], wanted: string[], config: AdapterConfig, model: AdaptableModel): string {
  const has = [...model.modules.keys()];
  const unknown = modules.some((module) => !model.modules.has(module));
  if (unknown || layerCount(modules) !== layerCount(has)) {
    return `It adapts ${listed(targetNames(modules))} in ${layers(modules)}; ${model.name} has ${listed(targetNames(has))} in ${layerCount(has)}.`;
  }
  const targets = typeof config.targetModules === 'string' ? config.targetModules : listed(config.targetModules);
  return `Its adapter_config.json says that it adapts ${targets}, which are ${wanted.length} modules; its tensors are for ${modules.length}, with ${listed(targetNames(modules))}.`;
}

function wrongShape(
  name: string,
  met: readonly number[],
  wanted: readonly number[],
  config: AdapterConfig,
  model: AdaptableModel,
): string {
  const ranks = name.endsWith('lora_A.weight') ? [met[0], wanted[0]] : name.endsWith('lora_B.weight') ? [met[1], wanted[1]] : [];
  if (ranks[0] !== ranks[1]) return `Its adapter_config.json says r ${config.r}, but ${name} has rank ${ranks[0]}.`;
  return `Its tensor ${name} is [${met.join(', ')}]; ${model.name} needs [${wanted.join(', ')}].`;
}

function remedy(config: AdapterConfig, model: AdaptableModel): string {
  const base = config.baseName;
  return base === null || base === model.name
    ? 'Choose the model it was trained on.'
    : `Choose ${base}, the model it was trained on.`;
}

function layers(modules: readonly string[]): string {
  const count = layerCount(modules);
  return count === 1 ? '1 layer' : `${count} layers`;
}

function layerCount(modules: readonly string[]): number {
  return new Set(modules.map((module) => /\.(\d+)\./.exec(module)?.[1] ?? '')).size;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8);
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

function notFinite(tensor: string): TuneletError {
  return new TuneletError(
    'adapter/bad-archive',
    `The adapter’s tensor ${tensor} holds values that are no numbers (infinite or NaN).`,
    'Its training may have diverged. Choose an adapter from an earlier step, or train again at a smaller learning rate.',
    { tensor },
  );
}
