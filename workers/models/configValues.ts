import { TuneletError } from '../api/errors';

/** How the values of a config.json are read: bounded, and refused by name. */

export type Json = Readonly<Record<string, unknown>>;

/** @throws TuneletError 'model/bad-config' where it is no object */
export function settingsOf(json: unknown): Json {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return { ...json };
  throw badConfig('config.json is not an object with settings', {});
}

/** A whole number within bounds; without `usual` it must be there. */
export function integer(settings: Json, key: string, minimum: number, maximum: number, usual?: number): number {
  const value = settings[key] ?? usual;
  if (typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw badConfig(`${key} is ${excerpt(value)}; it must be a whole number from ${minimum} to ${maximum}`, {
    [key]: excerpt(value),
  });
}

export function number(settings: Json, key: string, usual: number, above: number, maximum: number): number {
  const value = settings[key] ?? usual;
  if (typeof value === 'number' && value > above && value <= maximum) return value;
  throw badConfig(`${key} is ${excerpt(value)}; it must be a number above ${above}, at most ${maximum}`, {
    [key]: excerpt(value),
  });
}

export function flag(settings: Json, key: string, usual: boolean): boolean {
  const value = settings[key] ?? usual;
  if (typeof value === 'boolean') return value;
  throw badConfig(`${key} is ${excerpt(value)}; it must be true or false`, { [key]: excerpt(value) });
}

/** Null is allowed; so is a usual id that a smaller vocabulary lacks, which then counts as none. */
export function tokenId(settings: Json, key: string, usual: number | null, vocabSize: number): number | null {
  if (settings[key] === null) return null;
  if (settings[key] === undefined) return usual !== null && usual < vocabSize ? usual : null;
  return integer(settings, key, 0, vocabSize - 1);
}

/** Settings whose quantised or otherwise changed weights nobody here reads. */
export function refuseStoredQuantised(settings: Json): void {
  if (settings['quantization_config'] == null) return;
  throw unsupported('quantization_config is set: the weights are stored in a quantised form that is not read', {
    quantization_config: excerpt(settings['quantization_config']),
  });
}

export function excerpt(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 60) : (JSON.stringify(value) ?? 'missing').slice(0, 60);
}

export function badConfig(fault: string, details: TuneletError['details']): TuneletError {
  return new TuneletError(
    'model/bad-config',
    `The model’s configuration cannot be used: ${fault}.`,
    'Choose the config.json that belongs to the model, or download it again.',
    details,
  );
}

export function unsupported(fault: string, details: TuneletError['details']): TuneletError {
  return new TuneletError(
    'model/unsupported',
    `This model cannot be tuned here: ${fault}.`,
    'Choose a model of the GPT-2, Llama, Mistral or Qwen2 family, for example openai-community/gpt2 or HuggingFaceTB/SmolLM2-135M.',
    details,
  );
}
