import { ownValue } from '../api/ownValue';
import type { HubAccess } from './access';
import { apiFetch, licenceOf } from './hubApi';
import { isRecord } from '../api/isRecord';

/** A model as the Hub's search describes it; whatever the Hub leaves out is null. */
export interface ListedModel {
  id: string;
  /** `model_type` of its config.json, or the architecture of its GGUF files. */
  modelType: string | null;
  format: 'safetensors' | 'gguf' | null;
  parameterCount: number | null;
  /** Of its safetensors. */
  sizeBytes: number | null;
  /** A type of its numbers that is not float, such as "U8" of files that are quantised already. */
  packedAs: string | null;
  licence: string | null;
  asksForAccess: boolean;
}

/** As many as a search shows. */
export const mostFound = 12;

const fields = ['config', 'safetensors', 'gguf', 'cardData', 'gated', 'tags'];
const bytesOfType: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };

/**
 * Models whose ids hold the words, those downloaded most first. One request, which brings no file; a busy Hub is an error at once.
 * @throws TuneletError 'hub/…'; the signal's reason when it aborts
 */
export async function searchModels(words: string, access: HubAccess, signal?: AbortSignal): Promise<ListedModel[]> {
  const query = new URLSearchParams({ search: words, limit: String(mostFound), sort: 'downloads' });
  // Words alone also name models of pictures and sounds; an id means what it says.
  if (!words.includes('/')) query.set('pipeline_tag', 'text-generation');
  for (const field of fields) query.append('expand', field);
  const asked = { id: '', revision: '', path: null, words };
  const response = await apiFetch(asked, access, signal, false)(`${access.endpoint}/api/models?${query}`);
  const answer: unknown = await response.json();
  return Array.isArray(answer) ? answer.slice(0, mostFound).flatMap((entry) => listedModel(entry) ?? []) : [];
}

function listedModel(entry: unknown): ListedModel | null {
  if (!isRecord(entry) || typeof entry['id'] !== 'string' || entry['id'].length > 200) return null;
  const { id, config, safetensors, gguf, gated } = entry;
  const tags = Array.isArray(entry['tags']) ? entry['tags'] : [];
  const hasSafetensors = isRecord(safetensors) || tags.includes('safetensors');
  const hasGguf = isRecord(gguf) || tags.includes('gguf');
  const counts = countsByType(isRecord(safetensors) ? safetensors['parameters'] : null);
  const total = isRecord(safetensors) ? safetensors['total'] : isRecord(gguf) ? gguf['total'] : null;
  return {
    id,
    modelType: nameIn(config, 'model_type') ?? nameIn(gguf, 'architecture'),
    format: hasSafetensors ? 'safetensors' : hasGguf ? 'gguf' : null,
    parameterCount: typeof total === 'number' && total > 0 ? total : null,
    sizeBytes: sizeOf(counts),
    packedAs: counts.find(([type]) => ownValue(bytesOfType, type) === undefined)?.[0].slice(0, 20) ?? null,
    licence: licenceOf(entry['cardData']),
    asksForAccess: gated === 'auto' || gated === 'manual',
  };
}

function countsByType(parameters: unknown): [type: string, count: number][] {
  if (!isRecord(parameters)) return [];
  return Object.entries(parameters).flatMap(([type, count]): [string, number][] =>
    typeof count === 'number' && count > 0 ? [[type, count]] : [],
  );
}

/** Null where there is a type whose width is not known. */
function sizeOf(counts: readonly [type: string, count: number][]): number | null {
  const sizeBytes = counts.reduce((sum, [type, count]) => sum + count * (ownValue(bytesOfType, type) ?? Number.NaN), 0);
  return sizeBytes > 0 ? sizeBytes : null;
}

function nameIn(record: unknown, key: string): string | null {
  const name = isRecord(record) ? record[key] : null;
  return typeof name === 'string' && name !== '' ? name.slice(0, 60) : null;
}
