import { pathPattern } from './pathPattern';

/** A layer that LoRA can adapt. */
export interface ModuleShape {
  inFeatures: number;
  outFeatures: number;
}

/** Module path in the task model, "transformer.h.0.attn.c_attn", to its shape; in the model's order. */
export type ModuleShapes = ReadonlyMap<string, ModuleShape>;

/** A tensor's path in the task model, "transformer.ln_f.weight", to its shape; in the model's order. */
export type TensorShapes = ReadonlyMap<string, readonly number[]>;

/** Whether an entry of `target_modules` names modules; else it is "all-linear" or a regular expression. */
export function isTargetName(entry: string): boolean {
  return /^\w+(\.\w+)*$/.test(entry);
}

/** Where some blocks alone are adapted; null for all. */
export function layerChoiceOf(indices: readonly number[]): LayerChoice | null {
  return indices.length === 0 ? null : { indices, patterns: [] };
}

/** Names; "all-linear"; or any other text: a regular expression that must match the whole path. */
export type TargetModules = readonly string[] | string;

/** Indices of the layers that are adapted, where not all are; PEFT's `layers_to_transform` and `layers_pattern`. */
export interface LayerChoice {
  indices: readonly number[];
  /** Names of the list of layers, "h" or "layers"; none: any. */
  patterns: readonly string[];
}

/**
 * PEFT's rules. For a list: a module is adapted when its path is an entry, or ends in "." + entry and lies in one of the layers.
 * @throws TuneletError 'adapter/unsupported' for a regular expression that is not understood
 */
export function moduleMatcher(targets: TargetModules, layers: LayerChoice | null = null): (module: string) => boolean {
  if (targets === 'all-linear') return () => true;
  if (typeof targets === 'string') return pathPattern(targets);
  return (module) => targets.some((target) => module === target || (module.endsWith(`.${target}`) && liesIn(module, layers)));
}

/** The last "name.number." of the path decides, as in PEFT. */
function liesIn(module: string, layers: LayerChoice | null): boolean {
  if (!layers) return true;
  const numbered = [...module.matchAll(/(?<=\.)([^.]+)\.(\d+)(?=\.)/g)];
  const found = numbered.findLast(([, name = '']) => layers.patterns.length === 0 || layers.patterns.includes(name));
  return found !== undefined && layers.indices.includes(Number(found[2]));
}

/** A list as settings have it: one entry that is no name stands for itself, "all-linear" or a regular expression. */
export function targetsOf(entries: readonly string[]): TargetModules {
  const [only, second] = entries;
  return only !== undefined && second === undefined && !isTargetName(only) ? only : entries;
}
