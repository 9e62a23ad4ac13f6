import { TuneletError } from '../api/errors';

/** Why a setting that is not at its default cannot be honoured. */
const reasons: Readonly<Record<string, string>> = {
  alora_invocation_tokens: 'it works only after certain tokens (aLoRA)',
  alpha_pattern: 'it gives some modules an alpha of their own',
  arrow_config: 'it routes between several adapters (Arrow)',
  exclude_modules: 'it leaves out modules by name',
  kasa_config: 'it is a KaSA adapter, not a plain one',
  layer_replication: 'it repeats layers of the base model',
  lora_bias: 'it adds biases of its own',
  megatron_config: 'it is made for a model that is spread over several machines',
  monteclora_config: 'it is a MonteCLoRA adapter, not a plain one',
  rank_pattern: 'it gives some modules a rank of their own',
  target_parameters: 'it adapts single parameters',
  trainable_token_indices: 'it trains rows of the token embedding',
  use_bdlora: 'it is a BD-LoRA adapter, not a plain one',
  use_qalora: 'it is a QA-LoRA adapter, not a plain one',
  velora_config: 'it is a VeLoRA adapter, not a plain one',
};

/** Settings of how training went; the finished tensors need none of them. */
const harmless = new Set([
  'auto_mapping',
  'ensure_weight_tying',
  'eva_config',
  'loftq_config',
  'lora_ga_config',
  'corda_config',
  'megatron_core',
  'qalora_group_size',
]);

const understood = new Set([
  'base_model_name_or_path',
  'bias',
  'fan_in_fan_out',
  'inference_mode',
  'init_lora_weights',
  'layers_pattern',
  'layers_to_transform',
  'lora_alpha',
  'lora_dropout',
  'modules_to_save',
  'peft_type',
  'peft_version',
  'r',
  'revision',
  'target_modules',
  'task_type',
  'use_dora',
  'use_rslora',
]);

/**
 * Refuses every setting that asks for something else than LoRA or DoRA, with or without a classification head.
 * @param defaults what LoRA and DoRA leave the other settings at
 * @param tasks those that the caller can use
 * @returns keys that are not known at all
 * @throws TuneletError 'adapter/unsupported' with the reason
 */
export function checkAdapterSettings(
  settings: Readonly<Record<string, unknown>>,
  defaults: Readonly<Record<string, unknown>>,
  tasks: readonly string[],
): string[] {
  const type = settings['peft_type'];
  if (type !== 'LORA') throw refused('peft_type', type, 'it is not a LoRA adapter');
  const task = settings['task_type'];
  if (task != null && !tasks.some((known) => known === task)) {
    throw refused('task_type', task, `it is made for another task than ${tasks.join(' or ')}`);
  }
  const bias = settings['bias'];
  if (bias !== 'none' && bias != null) throw refused('bias', bias, 'it trains biases of the base model');
  const init = settings['init_lora_weights'];
  if (init != null && typeof init !== 'boolean' && init !== 'gaussian' && init !== 'orthogonal' && init !== 'eva') {
    throw refused('init_lora_weights', init, 'its start changes the weights of the base model');
  }
  const unknownKeys: string[] = [];
  for (const [key, value] of Object.entries(settings)) {
    if (understood.has(key) || harmless.has(key)) continue;
    if (!Object.hasOwn(defaults, key)) unknownKeys.push(key);
    else if (!isUnset(value, defaults[key])) throw refused(key, value, reasons[key] ?? 'it changes how the adapter works');
  }
  return unknownKeys;
}

/** The default, null, or nothing in it. */
function isUnset(value: unknown, usual: unknown): boolean {
  if (value === null || value === false || value === usual) return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function refused(setting: string, value: unknown, reason: string): TuneletError {
  const shown = (JSON.stringify(value) ?? 'missing').slice(0, 60);
  return new TuneletError(
    'adapter/unsupported',
    `This adapter cannot be used here: ${reason} (${setting} is ${shown}).`,
    'Choose a plain LoRA or DoRA adapter, or train one here.',
    { setting, value: shown },
  );
}
