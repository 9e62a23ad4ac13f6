import type { BaseModel } from './architecture';
import { parseGpt2Config } from './gpt2Config';
import { gpt2Model } from './gpt2Model';
import { llamaOf } from './llamaModel';

/** Architectures by the `model_type` of config.json. A new one is a line here. */
const architectures: Readonly<Record<string, (config: unknown) => BaseModel>> = {
  gpt2: (config) => gpt2Model(parseGpt2Config(config)),
  llama: llamaOf('llama'),
  mistral: llamaOf('mistral'),
  qwen2: llamaOf('qwen2'),
};

/** Whether a `model_type` is one of ours. */
export function isKnownArchitecture(modelType: string): boolean {
  return Object.hasOwn(architectures, modelType);
}

/**
 * The base model that a config.json describes; without a `model_type` it is taken for a GPT-2.
 * @throws TuneletError 'model/unsupported' or 'model/bad-config'
 */
export function baseModelOf(config: unknown): BaseModel {
  const type = typeof config === 'object' && config !== null && 'model_type' in config ? String(config.model_type) : 'gpt2';
  // GPT-2's parser refuses, by name, what nobody here knows.
  const build = isKnownArchitecture(type) ? architectures[type] : architectures['gpt2'];
  if (!build) throw new Error('The registry lacks GPT-2.');
  return build(config);
}
