import { isTargetName } from './modules';
import { templateProblem, templateRemedy } from './promptTemplate';
import type { SettingName, TrainingSettings } from './settings';

/** One hyperparameter as the page, the model card and `--set` know it. */
export interface Hyperparameter {
  key: SettingName;
  /** Hugging Face name. */
  name: string;
  /** Plain label. */
  label: string;
  /** One sentence: what it does. */
  help: string;
  kind: 'number' | 'integer' | 'choice' | 'list' | 'switch' | 'text';
  minimum?: number;
  maximum?: number;
  choices?: readonly string[];
  /** True for the eight that the page shows before "More settings". */
  primary: boolean;
}

export const hyperparameters: readonly Hyperparameter[] = [
  {
    key: 'task',
    name: 'task',
    label: 'Task',
    kind: 'choice',
    choices: ['head', 'prompt', 'text'],
    primary: false,
    help: '“head” trains a small layer that scores every class; “prompt” lets the model answer with the word for the class; “text” ignores labels and learns to write on like your texts.',
  },
  {
    key: 'systemText',
    name: 'system_text',
    label: 'System text',
    kind: 'text',
    primary: false,
    help: 'What every conversation begins with: what is to be done, and the words to answer with. May be empty.',
  },
  {
    key: 'promptTemplate',
    name: 'prompt_template',
    label: 'Template',
    kind: 'text',
    primary: false,
    help: 'What stands before {label} is the question; {label} is the answer, the only part that is learned.',
  },
  {
    key: 'useChatFormat',
    name: 'use_chat_format',
    label: 'Chat format',
    kind: 'switch',
    primary: false,
    help: 'Writes system text, question and answer as a conversation in the model’s own way, where it brings one.',
  },
  {
    key: 'numTrainEpochs',
    name: 'num_train_epochs',
    label: 'Epochs',
    kind: 'number',
    minimum: 0.01,
    maximum: 1000,
    primary: true,
    help: 'How often the model sees every training text.',
  },
  {
    key: 'learningRate',
    name: 'learning_rate',
    label: 'Learning rate',
    kind: 'number',
    minimum: 0,
    maximum: 1,
    primary: true,
    help: 'Size of each correction. Too high and the loss jumps, too low and it hardly falls.',
  },
  {
    key: 'perDeviceTrainBatchSize',
    name: 'per_device_train_batch_size',
    label: 'Batch size',
    kind: 'integer',
    minimum: 1,
    maximum: 1024,
    primary: true,
    help: 'Texts per step. More is steadier and needs more memory.',
  },
  {
    key: 'lrSchedulerType',
    name: 'lr_scheduler_type',
    label: 'Schedule',
    kind: 'choice',
    choices: ['linear', 'cosine', 'constant', 'constant_with_warmup'],
    primary: true,
    help: 'How the learning rate falls after the warm-up.',
  },
  {
    key: 'r',
    name: 'r',
    label: 'LoRA rank',
    kind: 'integer',
    minimum: 1,
    maximum: 256,
    primary: true,
    help: 'Width of the adapter. More can learn more and makes a larger file.',
  },
  {
    key: 'loraAlpha',
    name: 'lora_alpha',
    label: 'LoRA alpha',
    kind: 'number',
    minimum: 0.01,
    maximum: 4096,
    primary: true,
    help: 'Strength of the adapter: its output is multiplied by alpha / rank.',
  },
  {
    key: 'loraDropout',
    name: 'lora_dropout',
    label: 'LoRA dropout',
    kind: 'number',
    minimum: 0,
    maximum: 0.95,
    primary: true,
    help: 'Share of adapter inputs left out at random in each step, against learning by heart.',
  },
  {
    key: 'maxLength',
    name: 'max_length',
    label: 'Longest text',
    kind: 'integer',
    minimum: 4,
    maximum: 8192,
    primary: true,
    help: 'Tokens kept of a text; the rest at its end is cut. Plain text is cut into blocks of so many.',
  },
  {
    key: 'maxSteps',
    name: 'max_steps',
    label: 'Most steps',
    kind: 'integer',
    minimum: -1,
    maximum: 1000000,
    primary: false,
    help: 'Ends the run after so many steps; -1 leaves it to the epochs, 0 judges the base model alone.',
  },
  {
    key: 'gradientAccumulationSteps',
    name: 'gradient_accumulation_steps',
    label: 'Gradient accumulation',
    kind: 'integer',
    minimum: 1,
    maximum: 1024,
    primary: false,
    help: 'Batches added up before one correction: a larger batch in the same memory.',
  },
  {
    key: 'warmupSteps',
    name: 'warmup_steps',
    label: 'Warm-up',
    kind: 'number',
    minimum: 0,
    maximum: 1000000,
    primary: false,
    help: 'Steps over which the learning rate rises from 0; below 1 a share of all steps.',
  },
  {
    key: 'weightDecay',
    name: 'weight_decay',
    label: 'Weight decay',
    kind: 'number',
    minimum: 0,
    maximum: 1,
    primary: false,
    help: 'Pulls the adapter towards zero a little in every step.',
  },
  {
    key: 'maxGradNorm',
    name: 'max_grad_norm',
    label: 'Largest gradient norm',
    kind: 'number',
    minimum: 0,
    maximum: 1000000,
    primary: false,
    help: 'Longer gradients are shortened to this length, so that one odd batch cannot spoil the run; 0 turns it off.',
  },
  {
    key: 'evalSteps',
    name: 'eval_steps',
    label: 'Evaluate every',
    kind: 'number',
    minimum: 0,
    maximum: 1000000,
    primary: false,
    help: 'Steps between two evaluations; below 1 a share of all steps, 0 only before and after.',
  },
  {
    key: 'seed',
    name: 'seed',
    label: 'Seed',
    kind: 'integer',
    minimum: 0,
    maximum: 4294967295,
    primary: false,
    help: 'The same seed gives the same split, order and start of the adapter.',
  },
  {
    key: 'targetModules',
    name: 'target_modules',
    label: 'Adapted modules',
    kind: 'list',
    primary: false,
    help: 'The layers that get an adapter, by the end of their names; “all-linear” for all; or a regular expression for whole paths.',
  },
  {
    key: 'useRslora',
    name: 'use_rslora',
    label: 'Rank-stabilised',
    kind: 'switch',
    primary: false,
    help: 'Divides alpha by the square root of the rank, better for large ranks.',
  },
  {
    key: 'useDora',
    name: 'use_dora',
    label: 'Magnitudes (DoRA)',
    kind: 'switch',
    primary: false,
    help: 'Trains how strong each output is apart from its direction: often better at a small rank, and slower.',
  },
  {
    key: 'weightStorage',
    name: 'weight_storage',
    label: 'Frozen weights',
    kind: 'choice',
    choices: ['float16', 'float32', 'int8', 'int4'],
    primary: false,
    help: 'How the frozen model is held on the GPU: int8 takes half the memory of float16, int4 a third, and both cost a little quality. On the processor they are float32.',
  },
  {
    key: 'fp16',
    name: 'fp16',
    label: 'Half precision',
    kind: 'switch',
    primary: false,
    help: 'Holds activations as float16 on a GPU: less memory, often faster. The adapter itself stays float32.',
  },
  {
    key: 'gradientCheckpointing',
    name: 'gradient_checkpointing',
    label: 'Recompute activations',
    kind: 'switch',
    primary: false,
    help: 'Forgets each layer’s intermediate values and computes them again when needed: much less memory, about a third more time.',
  },
];

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
    const message = problemWith(entry, settings[entry.key], limits) ?? problemWithPrompt(entry, settings);
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

const promptKeys: readonly SettingName[] = ['systemText', 'promptTemplate', 'useChatFormat'];

/** Settings under their Hugging Face names, for files; those of prompts where the task has any. */
export function toHuggingFaceNames(settings: TrainingSettings): Record<string, TrainingSettings[SettingName]> {
  const told = hyperparameters.filter(({ key }) =>
    key === 'task' ? settings.task !== 'head' : settings.task === 'prompt' || !promptKeys.includes(key),
  );
  return Object.fromEntries(told.map((entry) => [entry.name, settings[entry.key]]));
}
