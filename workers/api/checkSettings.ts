import { hyperparameters } from './hyperparameters';
import { isTargetName } from './modules';
import { templateProblem, templateRemedy } from './promptTemplate';
import type { Hyperparameter, SettingName, TrainingSettings } from './settings';

export interface SettingProblem {
  key: SettingName;
  /** What is wrong, with the value met, and the remedy. */
  message: string;
}

/** Every problem of a draft, in the order of `hyperparameters`. Pure: page and worker run the same check. */
export function checkSettings(
  settings: TrainingSettings,
  limits: { positions?: number; moduleNames?: readonly string[] } = {},
): SettingProblem[] {
  const problems: SettingProblem[] = [];
  for (const entry of hyperparameters) {
    const message =
      problemWith(entry, settings[entry.key], limits) ??
      problemWithPrompt(entry, settings) ??
      problemWithClassWeights(entry, settings);
    if (message !== null) problems.push({ key: entry.key, message });
  }
  return problems;
}

/** Longer ones are no instructions any more. */
const mostPromptCharacters = 20_000;

function problemWithPrompt({ key, name }: Hyperparameter, settings: TrainingSettings): string | null {
  if (settings.task !== 'prompt' || (key !== 'systemText' && key !== 'promptTemplate')) return null;
  const value = settings[key];
  if (value.length > mostPromptCharacters) {
    return `${name} has ${value.length} characters. The most is ${mostPromptCharacters}.`;
  }
  const problem = key === 'promptTemplate' ? templateProblem(value) : null;
  return problem === null ? null : `${problem} ${templateRemedy}`;
}

function problemWithClassWeights({ key, name }: Hyperparameter, { task, classWeights }: TrainingSettings): string | null {
  if (key !== 'classWeights' || task === 'head' || classWeights === 'none') return null;
  return `${name} is “${classWeights}”, which weighs the classes of a head; with the task “${task}” every token learned counts the same. Choose “none”, or the task “head”.`;
}

function problemWith(
  entry: Hyperparameter,
  value: TrainingSettings[SettingName],
  limits: { positions?: number; moduleNames?: readonly string[] },
): string | null {
  if (entry.kind === 'number' || entry.kind === 'integer') return problemWithNumber(entry, value, limits.positions);
  if (entry.kind === 'choice' && !entry.choices?.includes(String(value))) {
    return `${entry.name} is “${String(value)}”. Choose one of ${entry.choices?.join(', ')}.`;
  }
  if (entry.kind === 'list') {
    if (!Array.isArray(value) || value.length === 0)
      return `${entry.name} is empty. Name at least one module, for example ${limits.moduleNames?.[0] ?? 'c_attn'}.`;
    const [only, second] = value;
    if (only !== undefined && second === undefined && !isTargetName(only)) return null;
    const names = limits.moduleNames;
    const unknown = value.find((name) => names && !names.includes(name.slice(name.lastIndexOf('.') + 1)));
    if (unknown !== undefined)
      return `${entry.name} names “${unknown}”, which this model does not have. It has ${names?.join(', ')}.`;
  }
  return null;
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
