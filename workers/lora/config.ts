import { TuneletError } from '../api/errors';
import type { LayerChoice, TargetModules } from '../api/modules';
import { pathPattern } from '../api/pathPattern';
import { withoutHeads } from '../api/savedModules';
import { parseJson } from '../api/parseJson';
import { checkAdapterSettings } from './adapterSettings';
import { pythonFloat, pythonJson, type PythonValue } from './pythonJson';

/** PEFT's names of what an adapter is for: a classification head of its own, or the base's language-model head. */
export type AdapterTask = 'SEQ_CLS' | 'CAUSAL_LM';

/** The adapter's own settings. */
export interface LoraConfig {
  r: number;
  loraAlpha: number;
  loraDropout: number;
  /** PEFT's rule, see `targets.ts`; "all-linear" is every module but the head. */
  targetModules: TargetModules;
  /** Modules that are trained as a whole beside the matrices, a head of its own apart; PEFT's rule, see `savedModules.ts`. Default: none. */
  modulesToSave?: readonly string[];
  useRslora: boolean;
  useDora: boolean;
  /** Default: all layers. */
  layers?: LayerChoice | null;
  /** Default: SEQ_CLS. */
  task?: AdapterTask;
}

/** adapter_config.json as it was found. */
export interface AdapterConfig extends LoraConfig {
  /** The base that it says it was trained on. */
  baseName: string | null;
  revision: string | null;
  /** Keys that no known PEFT writes; they were not used. */
  unknownKeys: string[];
}

/** Factor on an adapter's output: alpha / r, or alpha / sqrt(r) when rank-stabilised. */
export function scalingOf(config: Pick<LoraConfig, 'r' | 'loraAlpha' | 'useRslora'>): number {
  return config.loraAlpha / (config.useRslora ? Math.sqrt(config.r) : config.r);
}

/**
 * adapter_config.json, byte for byte as PEFT 0.21 writes it.
 * @param base.fanInFanOut true where the adapted layers store weights as [in, out], as GPT-2's do
 */
export function writeAdapterConfig(
  config: LoraConfig,
  base: { name: string | null; revision: string | null; fanInFanOut: boolean },
): string {
  const task = config.task ?? 'SEQ_CLS';
  const settings: Record<string, PythonValue> = {
    ...unusedSettings,
    base_model_name_or_path: base.name,
    bias: 'none',
    fan_in_fan_out: base.fanInFanOut,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: config.loraAlpha,
    lora_dropout: pythonFloat(config.loraDropout),
    layers_pattern: config.layers && config.layers.patterns.length > 0 ? [...config.layers.patterns] : null,
    layers_to_transform: config.layers ? [...config.layers.indices] : null,
    modules_to_save: savedModuleNames(config.modulesToSave ?? [], task),
    peft_type: 'LORA',
    peft_version: '0.21.0',
    r: config.r,
    revision: base.revision,
    target_modules: typeof config.targetModules === 'string' ? config.targetModules : [...config.targetModules],
    task_type: task,
    use_dora: config.useDora,
    use_rslora: config.useRslora,
  };
  return pythonJson(settings);
}

/**
 * Reads the adapter_config.json of any PEFT version.
 * @param defaultTargets PEFT's for the model, where the file names none
 * @param tasks those that the caller can use
 * @throws TuneletError 'adapter/unsupported' with the setting that asks for something else than LoRA or DoRA, or
 *   'adapter/bad-archive' where the file makes no sense
 */
export function parseAdapterConfig(
  text: string,
  defaultTargets: readonly string[],
  tasks: readonly AdapterTask[] = ['SEQ_CLS'],
): AdapterConfig {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch {
    // Python writes these where it means numbers; JSON has none of them.
    const [, setting, value] = /"(\w{1,60})"\s*:\s*(-?(?:NaN|Infinity))/.exec(text) ?? [];
    if (setting !== undefined) throw damaged(`${setting} is ${value}, which is no number`, { [setting]: value ?? '' });
    json = null;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw damaged('it is not a JSON object', { start: text.slice(0, 60) });
  }
  const settings: Record<string, unknown> = { ...json };
  const unknownKeys = checkAdapterSettings(settings, unusedSettings, tasks);
  const r = settings['r'] ?? 8;
  const loraAlpha = settings['lora_alpha'] ?? 8;
  const loraDropout = settings['lora_dropout'] ?? 0;
  if (typeof r !== 'number' || !Number.isInteger(r) || r < 1 || r > 65_536) throw damaged(`r is ${show(r)}`, { r: show(r) });
  if (typeof loraAlpha !== 'number' || loraAlpha <= 0 || loraAlpha > 1e6)
    throw damaged(`lora_alpha is ${show(loraAlpha)}`, { lora_alpha: show(loraAlpha) });
  if (typeof loraDropout !== 'number' || loraDropout < 0 || loraDropout >= 1) {
    throw damaged(`lora_dropout is ${show(loraDropout)}`, { lora_dropout: show(loraDropout) });
  }
  const targetModules = readTargets(settings['target_modules'], defaultTargets);
  return {
    r,
    loraAlpha,
    loraDropout,
    targetModules,
    modulesToSave: readSavedModules(settings['modules_to_save']),
    useRslora: settings['use_rslora'] === true,
    useDora: settings['use_dora'] === true,
    layers: readLayers(settings, targetModules),
    task: settings['task_type'] === 'CAUSAL_LM' ? 'CAUSAL_LM' : 'SEQ_CLS',
    baseName: textOrNull(settings['base_model_name_or_path']),
    revision: textOrNull(settings['revision']),
    unknownKeys,
  };
}

/** Settings of PEFT 0.21 that LoRA and DoRA leave alone, and what they are then. */
const unusedSettings: Readonly<Record<string, PythonValue>> = {
  alora_invocation_tokens: null,
  alpha_pattern: {},
  arrow_config: null,
  auto_mapping: null,
  corda_config: null,
  ensure_weight_tying: false,
  eva_config: null,
  exclude_modules: null,
  kasa_config: null,
  layer_replication: null,
  loftq_config: {},
  lora_bias: false,
  lora_ga_config: null,
  megatron_config: null,
  megatron_core: 'megatron.core',
  monteclora_config: null,
  qalora_group_size: 16,
  rank_pattern: {},
  target_parameters: null,
  trainable_token_indices: null,
  use_bdlora: null,
  use_qalora: false,
  velora_config: null,
};

/** PEFT adds the heads of its task to those that were asked for; here that is "score" where nothing else is named. */
function savedModuleNames(names: readonly string[], task: AdapterTask): string[] | null {
  if (task === 'SEQ_CLS') return [...(names.length > 0 ? names : ['score']), 'classifier', 'score'];
  return names.length > 0 ? [...names] : null;
}

function readSavedModules(value: unknown): string[] {
  const names: unknown[] = value == null ? [] : Array.isArray(value) ? value : [value];
  const texts = names.filter((name) => typeof name === 'string');
  if (texts.length < names.length) throw damaged(`modules_to_save is ${show(value)}`, { modules_to_save: show(value) });
  return withoutHeads(texts);
}

function readTargets(value: unknown, defaultTargets: readonly string[]): TargetModules {
  if (value === null || value === undefined) return defaultTargets;
  if (Array.isArray(value) && value.length > 0 && value.every((entry) => typeof entry === 'string')) return value;
  if (typeof value !== 'string') throw damaged(`target_modules is ${show(value)}`, { target_modules: show(value) });
  if (value !== 'all-linear') pathPattern(value);
  return value;
}

/** An index or a list of them; PEFT takes them with a list of names only. */
function readLayers(settings: Readonly<Record<string, unknown>>, targets: TargetModules): LayerChoice | null {
  const [given, pattern] = [settings['layers_to_transform'], settings['layers_pattern']];
  if (given == null) {
    if (pattern == null || (Array.isArray(pattern) && pattern.length === 0)) return null;
    throw damaged('layers_pattern is set without layers_to_transform', { layers_pattern: show(pattern) });
  }
  const indices: unknown[] = Array.isArray(given) ? given : [given];
  if (!indices.every((index) => typeof index === 'number' && Number.isInteger(index) && index >= 0) || indices.length > 1000) {
    throw damaged(`layers_to_transform is ${show(given)}`, { layers_to_transform: show(given) });
  }
  if (typeof targets === 'string') {
    throw damaged('layers_to_transform is set, but target_modules is no list', { target_modules: show(targets) });
  }
  const patterns: unknown[] = pattern == null ? [] : Array.isArray(pattern) ? pattern : [pattern];
  const names = patterns.filter((name) => typeof name === 'string' && /^\w+$/.test(name));
  if (names.length < patterns.length) throw damaged(`layers_pattern is ${show(pattern)}`, { layers_pattern: show(pattern) });
  return { indices: indices.map(Number), patterns: names.map(String) };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 60);
}

function damaged(fault: string, details: TuneletError['details']): TuneletError {
  return new TuneletError(
    'adapter/bad-archive',
    `adapter_config.json cannot be read: ${fault}.`,
    'Choose the adapter_config.json that PEFT or Tunelet wrote for this adapter.',
    details,
  );
}
