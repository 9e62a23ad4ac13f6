import { TuneletError } from '../api/errors';
import { isTargetName, type ModuleShapes } from '../api/modules';
import { pathPattern } from './pathPattern';

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

/** `moduleMatcher` for one path. */
export function matchesTarget(module: string, targets: TargetModules, layers: LayerChoice | null = null): boolean {
  return moduleMatcher(targets, layers)(module);
}

/** A list as settings have it: one entry that is no name stands for itself, "all-linear" or a regular expression. */
export function targetsOf(entries: readonly string[]): TargetModules {
  const [only, second] = entries;
  return only !== undefined && second === undefined && !isTargetName(only) ? only : entries;
}

/** Paths of the adapted modules, in the model's order. */
export function matchedModules(targets: TargetModules, modules: ModuleShapes, layers: LayerChoice | null = null): string[] {
  return [...modules.keys()].filter(moduleMatcher(targets, layers));
}

/** Last parts of the modules' paths, each once: what `target_modules` may name. */
export function targetNames(modules: Iterable<string>): string[] {
  return [...new Set([...modules].map((module) => module.slice(module.lastIndexOf('.') + 1)))];
}

/** The same choice as a list without layers: names where these choose the same modules, else whole paths. */
export function asTargetList(targets: TargetModules, modules: ModuleShapes, layers: LayerChoice | null = null): string[] {
  if (typeof targets !== 'string' && !layers) return [...targets];
  const matched = matchedModules(targets, modules, layers);
  const names = targetNames(matched);
  return matchedModules(names, modules).length === matched.length ? names : matched;
}

/**
 * `matchedModules`, refusing an entry that matches none.
 * @throws TuneletError 'settings/invalid' that names what the model has
 */
export function requireModules(targets: TargetModules, modules: ModuleShapes, modelName: string): string[] {
  const idle = typeof targets === 'string' ? undefined : targets.find((target) => matchedModules([target], modules).length === 0);
  const matched = matchedModules(targets, modules);
  if (idle === undefined && matched.length > 0) return matched;
  const names = targetNames(modules.keys()).join(', ');
  const fault =
    idle !== undefined
      ? `target_modules names “${idle}”, which ${modelName} does not have`
      : typeof targets === 'string'
        ? `target_modules is the regular expression “${targets.slice(0, 60)}”, which no module of ${modelName} matches`
        : 'target_modules is empty';
  throw new TuneletError('settings/invalid', `${fault}.`, `Choose from the modules of ${modelName}: ${names}.`, {
    setting: 'target_modules',
    ...(idle !== undefined && { target: idle }),
    available: names,
  });
}
