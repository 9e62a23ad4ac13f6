import { moduleMatcher, targetsOf, type LayerChoice, type ModuleShapes } from '../../../workers/api/modules';

/** One linear layer of a block, in all blocks: a switch for `target_modules`. */
export interface LayerToggle {
  /** "attn.c_proj". */
  key: string;
  /** "c_proj". */
  name: string;
  group: 'attention' | 'mlp' | 'other';
  paths: readonly string[];
}

/** Those of the model, in its order. */
export function layerToggles(modules: ModuleShapes): LayerToggle[] {
  const paths = new Map<string, string[]>();
  for (const path of modules.keys()) {
    const key = path.split('.').slice(-2).join('.');
    paths.set(key, [...(paths.get(key) ?? []), path]);
  }
  return [...paths].map(([key, own]) => {
    const [parent = '', name = parent] = key.split('.');
    return { key, name, group: groupOf(parent), paths: own };
  });
}

function groupOf(parent: string): LayerToggle['group'] {
  if (/att/i.test(parent)) return 'attention';
  return /mlp|feed|ff/i.test(parent) ? 'mlp' : 'other';
}

/** Whether `target_modules` adapts all of a toggle's layers, some or none. */
export function isAdapted({ paths }: LayerToggle, targetModules: readonly string[]): boolean | 'mixed' {
  const matched = paths.filter(moduleMatcher(targetsOf(targetModules))).length;
  return matched > 0 && matched < paths.length ? 'mixed' : matched > 0;
}

/** `target_modules` with a toggle pressed: names alone where a name says enough, as GPT-2's `c_proj` in two places does not. */
export function pressed(toggles: readonly LayerToggle[], targetModules: readonly string[], key: string): string[] {
  const on = new Set(toggles.filter((toggle) => isAdapted(toggle, targetModules) === true).map((toggle) => toggle.key));
  if (!on.delete(key)) on.add(key);
  const entries = toggles
    .filter((toggle) => on.has(toggle.key))
    .map(({ key: own, name }) => {
      const alike = toggles.filter((other) => other.name === name);
      return alike.every((other) => on.has(other.key)) ? name : own;
    });
  return [...new Set(entries)];
}

/** Parameters that an adapter trains on these paths where they are adapted: two matrices each, with DoRA a magnitude an output. */
export function trainedOn(
  paths: readonly string[],
  modules: ModuleShapes,
  { r, useDora }: { r: number; useDora: boolean },
  layers: LayerChoice | null,
): number {
  const lies =
    layers === null
      ? () => true
      : moduleMatcher(
          paths.map((path) => path.split('.').slice(-1).join('.')),
          layers,
        );
  return paths.filter(lies).reduce((sum, path) => {
    const { inFeatures = 0, outFeatures = 0 } = modules.get(path) ?? {};
    return sum + r * (inFeatures + outFeatures) + (useDora ? outFeatures : 0);
  }, 0);
}
