import { TuneletError } from './errors';
import { hyperparameters, writeSetting } from './hyperparameters';
import { writeIndices } from './indices';
import { labelWordsProblem } from './labelWords';
import { isTargetName, layerChoiceOf, moduleMatcher, targetsOf, type ModuleShapes } from './modules';
import { templateProblem, templateRemedy } from './promptTemplate';
import type { Hyperparameter, SettingName, TrainingSettings } from './settings';

export interface SettingProblem {
  key: SettingName;
  /** What is wrong, with the value met, and the remedy. */
  message: string;
}

/** What model and data allow; what is left out is not checked. */
export interface SettingLimits {
  positions?: number;
  /** Blocks of the model. */
  layers?: number;
  moduleNames?: readonly string[];
  modules?: ModuleShapes;
  /** It has a language-model head. */
  canWrite?: boolean;
  /** Classes of the data. */
  labels?: readonly string[];
}

/** Every problem of a draft, in the order of `hyperparameters`. Pure: page and worker run the same check. */
export function checkSettings(settings: TrainingSettings, limits: SettingLimits = {}): SettingProblem[] {
  const problems: SettingProblem[] = [];
  for (const entry of hyperparameters) {
    const message = problemWith(entry, settings, limits);
    if (message !== null) problems.push({ key: entry.key, message });
  }
  return problems;
}

function problemWith(entry: Hyperparameter, settings: TrainingSettings, limits: SettingLimits): string | null {
  const value = settings[entry.key];
  if (entry.kind === 'number' || entry.kind === 'integer') return problemWithNumber(entry, value, limits.positions);
  if (entry.kind === 'choice' && !entry.choices?.includes(writeSetting(value))) {
    return `${entry.name} is “${writeSetting(value)}”. Choose one of ${entry.choices?.join(', ')}.`;
  }
  if (entry.key === 'task') return problemWithTask(settings, limits);
  if (entry.key === 'targetModules') return problemWithTargets(settings, limits);
  if (entry.key === 'layersToTransform') return problemWithLayers(settings, limits);
  if (entry.key === 'classWeights') return problemWithClassWeights(entry, settings);
  return settings.task === 'prompt' ? problemWithPrompt(entry, settings, limits) : null;
}

function problemWithTask({ task }: TrainingSettings, { canWrite = true, labels }: SettingLimits): string | null {
  if (task !== 'head' && !canWrite) {
    return `task is “${task}”, but this model has no language-model head, so it cannot write. Choose “head”, or a model that writes.`;
  }
  if (task !== 'text' && labels?.length === 0) {
    return `task is “${task}”, but the data have no labels. Choose “text”, which needs none, or name the column of labels.`;
  }
  return null;
}

/** Longer ones are no instructions any more. */
const mostPromptCharacters = 20_000;

function problemWithPrompt({ key, name }: Hyperparameter, settings: TrainingSettings, limits: SettingLimits): string | null {
  if (key === 'labelWords') return limits.labels ? labelWordsProblem(limits.labels, settings.labelWords) : null;
  if (key !== 'systemText' && key !== 'promptTemplate') return null;
  const value = settings[key];
  if (value.length > mostPromptCharacters) {
    return `${name} has ${value.length} characters. The most is ${mostPromptCharacters}.`;
  }
  const problem = key === 'promptTemplate' ? templateProblem(value) : null;
  return problem === null ? null : `${problem} ${templateRemedy}`;
}

function problemWithClassWeights({ name }: Hyperparameter, { task, classWeights }: TrainingSettings): string | null {
  if (task === 'head' || classWeights === 'none') return null;
  return `${name} is “${classWeights}”, which weighs the classes of a head; with the task “${task}” every token learned counts the same. Choose “none”, or the task “head”.`;
}

function problemWithTargets({ targetModules, layersToTransform }: TrainingSettings, limits: SettingLimits): string | null {
  const { moduleNames: names, modules } = limits;
  if (targetModules.length === 0) {
    return `target_modules is empty. Name at least one module, for example ${names?.[0] ?? 'c_attn'}.`;
  }
  const targets = targetsOf(targetModules);
  if (typeof targets === 'string') return modules ? problemWithPattern(targets, modules) : null;
  const unknown = targets.find((name) => names && !names.includes(name.slice(name.lastIndexOf('.') + 1)));
  if (unknown !== undefined) {
    return isTargetName(unknown)
      ? `target_modules names “${unknown}”, which this model does not have. It has ${names?.join(', ')}.`
      : `target_modules names “${unknown}”. Write names alone, or one regular expression alone.`;
  }
  const adapts = moduleMatcher(targets, layerChoiceOf(layersToTransform));
  if (modules && layersToTransform.length === 0 && !some(modules, adapts)) {
    return `target_modules is “${targets.join(', ')}”, which matches none of this model’s ${modules.size} layers. It has ${names?.join(', ')}.`;
  }
  return null;
}

function problemWithPattern(pattern: string, modules: ModuleShapes): string | null {
  try {
    if (some(modules, moduleMatcher(pattern))) return null;
  } catch (thrown) {
    if (thrown instanceof TuneletError) return thrown.message;
    throw thrown;
  }
  const [example = ''] = modules.keys();
  return `target_modules is the regular expression “${pattern.slice(0, 60)}”, which matches none of this model’s ${modules.size} layers. It must match whole paths, such as ${example}.`;
}

function problemWithLayers({ targetModules, layersToTransform }: TrainingSettings, { layers }: SettingLimits): string | null {
  if (layersToTransform.length === 0) return null;
  if (layersToTransform.some((index) => !Number.isInteger(index) || index < 0)) {
    return 'layers_to_transform is no list of blocks. Write numbers and ranges, such as 0-3, 7, or nothing for all.';
  }
  const beyond = layersToTransform.filter((index) => layers !== undefined && index >= layers);
  if (layers !== undefined && beyond.length > 0) {
    return `layers_to_transform names block ${writeIndices(beyond)}. This model has ${layers} blocks, 0 to ${layers - 1}.`;
  }
  const targets = targetsOf(targetModules);
  if (typeof targets !== 'string') return null;
  return `layers_to_transform goes with modules by name, as PEFT has it, but target_modules is “${targets.slice(0, 60)}”. Pick layers by name, or leave this empty.`;
}

function problemWithNumber(entry: Hyperparameter, value: unknown, positions: number | undefined): string | null {
  if (typeof value !== 'number' || !Number.isFinite(value))
    return `${entry.name} is not a number. Enter a number from ${entry.minimum} to ${entry.maximum}.`;
  if (entry.kind === 'integer' && !Number.isInteger(value)) return `${entry.name} is ${value}. Enter a whole number.`;
  const maximum = entry.key === 'maxLength' && positions !== undefined ? positions : entry.maximum;
  if (entry.minimum !== undefined && value < entry.minimum) return `${entry.name} is ${value}. The least is ${entry.minimum}.`;
  if (maximum !== undefined && value > maximum) {
    return entry.key === 'maxLength'
      ? `${entry.name} is ${value}. This model has ${maximum} positions; enter at most that.`
      : `${entry.name} is ${value}. The most is ${maximum}.`;
  }
  return null;
}

function some(modules: ModuleShapes, adapts: (module: string) => boolean): boolean {
  return [...modules.keys()].some(adapts);
}
