import { TuneletError } from '../api/errors';
import { isLeftToCopies } from '../api/savedModules';
import { moduleMatcher, type LayerChoice, type ModuleShapes, type TargetModules } from '../api/modules';

/** `moduleMatcher` for one path. */
export function matchesTarget(module: string, targets: TargetModules, layers: LayerChoice | null = null): boolean {
  return moduleMatcher(targets, layers)(module);
}

/** Paths of the adapted modules, in the model's order. */
export function matchedModules(targets: TargetModules, modules: ModuleShapes, layers: LayerChoice | null = null): string[] {
  return [...modules.keys()].filter(moduleMatcher(targets, layers));
}

/** What decides which modules have LoRA matrices. */
export interface AdaptedModules {
  targetModules: TargetModules;
  layers?: LayerChoice | null;
  modulesToSave?: readonly string[];
}

/** `moduleMatcher`, keeping off the modules that are trained as a whole. */
export function adaptedMatcher({ targetModules, layers, modulesToSave = [] }: AdaptedModules): (module: string) => boolean {
  const matches = moduleMatcher(targetModules, layers ?? null);
  return (module) => matches(module) && !isLeftToCopies(module, modulesToSave);
}

/** Paths of the modules that have LoRA matrices, in the model's order. */
export function adaptedModules(choice: AdaptedModules, modules: ModuleShapes): string[] {
  return [...modules.keys()].filter(adaptedMatcher(choice));
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
export function requireModules(
  targets: TargetModules,
  modules: ModuleShapes,
  modelName: string,
  layers: LayerChoice | null = null,
): string[] {
  const idle = typeof targets === 'string' ? undefined : targets.find((target) => matchedModules([target], modules).length === 0);
  const matched = matchedModules(targets, modules, layers);
  if (idle === undefined && matched.length > 0) return matched;
  const names = targetNames(modules.keys()).join(', ');
  const fault =
    idle !== undefined
      ? `target_modules names “${idle}”, which ${modelName} does not have`
      : typeof targets === 'string'
        ? `target_modules is the regular expression “${targets.slice(0, 60)}”, which no module of ${modelName} matches`
        : layers
          ? `layers_to_transform leaves none of the layers of ${modelName} that target_modules names`
          : 'target_modules is empty';
  throw new TuneletError('settings/invalid', `${fault}.`, `Choose from the modules of ${modelName}: ${names}.`, {
    setting: 'target_modules',
    ...(idle !== undefined && { target: idle }),
    available: names,
  });
}
