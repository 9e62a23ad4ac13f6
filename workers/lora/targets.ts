import { TuneletError } from '../api/errors';
import type { ModuleShapes } from '../api/modules';

export type TargetModules = readonly string[] | 'all-linear';

/** PEFT's rule for a list: a module is adapted when its path is an entry, or ends in "." + entry. */
export function matchesTarget(module: string, targets: TargetModules): boolean {
  if (targets === 'all-linear') return true;
  return targets.some((target) => module === target || module.endsWith(`.${target}`));
}

/** Paths of the adapted modules, in the model's order. */
export function matchedModules(targets: TargetModules, modules: ModuleShapes): string[] {
  return [...modules.keys()].filter((module) => matchesTarget(module, targets));
}

/** Last parts of the modules' paths, each once: what `target_modules` may name. */
export function targetNames(modules: Iterable<string>): string[] {
  return [...new Set([...modules].map((module) => module.slice(module.lastIndexOf('.') + 1)))];
}

/**
 * `matchedModules`, refusing an entry that matches none.
 * @throws TuneletError 'settings/invalid' that names what the model has
 */
export function requireModules(targets: TargetModules, modules: ModuleShapes, modelName: string): string[] {
  const idle = targets === 'all-linear' ? undefined : targets.find((target) => matchedModules([target], modules).length === 0);
  const matched = matchedModules(targets, modules);
  if (idle === undefined && matched.length > 0) return matched;
  const names = targetNames(modules.keys()).join(', ');
  const fault =
    idle === undefined ? 'target_modules is empty' : `target_modules names “${idle}”, which ${modelName} does not have`;
  throw new TuneletError('settings/invalid', `${fault}.`, `Choose from the modules of ${modelName}: ${names}.`, {
    setting: 'target_modules',
    ...(idle !== undefined && { target: idle }),
    available: names,
  });
}
