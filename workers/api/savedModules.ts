import { isTargetName, type ModuleShapes, type TensorShapes } from './modules';

/** Heads that a classifier has anyway; PEFT adds both names by itself. */
const heads: readonly string[] = ['score', 'classifier'];

/** What `modules_to_save` names beside the heads, each once. */
export function withoutHeads(names: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => !heads.includes(name));
}

/**
 * The tensors that `modules_to_save` has trained as a whole. PEFT's rule: a module is copied, with all that lies in it, where the
 * text of its path ends in an entry, so that "norm" means "input_layernorm" too.
 */
export function savedTensors(names: readonly string[], tensors: TensorShapes): Map<string, readonly number[]> {
  const wanted = withoutHeads(names);
  return new Map([...tensors].filter(([path]) => modulesAround(moduleOf(path)).some((module) => endsInOne(module, wanted))));
}

/** Whether LoRA keeps off a module, as PEFT has it: an entry is one whole part of its path, or several. */
export function isLeftToCopies(module: string, names: readonly string[]): boolean {
  return names.some((name) => `.${module}.`.includes(`.${name}.`));
}

/** What the model has, for a check. */
interface SavableModel {
  name: string;
  modules: ModuleShapes;
  tensors: TensorShapes;
}

/** A choice that cannot be honoured. */
export interface SavedModulesProblem {
  fault: string;
  remedy: string;
}

/**
 * Why these modules cannot be trained as a whole, or null.
 * @param adapted modules that `target_modules` matches, whatever is left to copies
 */
export function savedModulesProblem(
  names: readonly string[],
  adapted: readonly string[],
  model: SavableModel,
): SavedModulesProblem | null {
  const wanted = withoutHeads(names);
  for (const name of wanted) {
    const problem = problemWithName(name, adapted, model);
    if (problem) return problem;
  }
  if (adapted.length === 0 || adapted.some((module) => !isLeftToCopies(module, wanted))) return null;
  return {
    fault: 'modules_to_save names every module that target_modules adapts, so that no LoRA matrix is left',
    remedy: 'Take a name out of modules_to_save, or adapt other modules.',
  };
}

/** What `modules_to_save` may name, by the last parts of their paths. */
export function savableNames({ modules, tensors }: Pick<SavableModel, 'modules' | 'tensors'>): string[] {
  const paths = [...tensors.keys()].filter((path) => !isTable(path, { modules, tensors }));
  return [...new Set(paths.map((path) => moduleOf(path).split('.').at(-1) ?? ''))];
}

function problemWithName(name: string, adapted: readonly string[], model: SavableModel): SavedModulesProblem | null {
  const remedy = `Choose from ${savableNames(model).join(', ')}.`;
  const tensors = isTargetName(name) ? [...savedTensors([name], model.tensors).keys()] : [];
  const table = tensors.find((path) => isTable(path, model));
  if (table !== undefined || name.split('.').at(-1) === 'lm_head') {
    const what = table === undefined ? 'the language-model head' : `an embedding table (${moduleOf(table)})`;
    return { fault: `modules_to_save names “${name}”, which is or holds ${what}; tables stay frozen here`, remedy };
  }
  if (tensors.length === 0) {
    return { fault: `modules_to_save names “${name.slice(0, 60)}”, which ${model.name} does not have`, remedy };
  }
  const both = adapted.find(
    (module) => !isLeftToCopies(module, [name]) && modulesAround(module).some((outer) => endsInOne(outer, [name])),
  );
  if (both === undefined) return null;
  return {
    fault: `modules_to_save names “${name}”, which PEFT takes for the end of ${both}, and target_modules adapts that module too`,
    remedy: 'Write the whole last part of the names in modules_to_save, or adapt other modules.',
  };
}

/** A matrix that is no linear layer. */
function isTable(path: string, { modules, tensors }: Pick<SavableModel, 'modules' | 'tensors'>): boolean {
  return tensors.get(path)?.length === 2 && !modules.has(moduleOf(path));
}

function endsInOne(module: string, names: readonly string[]): boolean {
  return names.some((name) => module.endsWith(name));
}

function moduleOf(tensor: string): string {
  return tensor.slice(0, tensor.lastIndexOf('.'));
}

/** The module and those that it lies in. */
function modulesAround(module: string): string[] {
  const parts = module.split('.');
  return parts.map((_, index) => parts.slice(0, index + 1).join('.'));
}
