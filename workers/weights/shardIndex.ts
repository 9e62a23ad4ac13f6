import { TuneletError } from '../api/errors';
import { parseJson } from '../api/parseJson';
import { isRecord } from '../api/isRecord';

/** What of a model.safetensors.index.json says where tensors are. */
export interface ShardIndex {
  fileNames: readonly string[];
  /** The file of each tensor. */
  fileOfTensor: ReadonlyMap<string, string>;
}

export const indexName = 'model.safetensors.index.json';

/** The largest models' have some 10 MB. */
export const maximumIndexBytes = 32 << 20;

const mostFiles = 1000;
const mostTensors = 1_000_000;
const plainName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}\.safetensors$/;

/** @throws TuneletError 'model/bad-safetensors', also for names that are no files beside the index */
export function parseShardIndex(text: string): ShardIndex {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch {
    throw badIndex('it is not JSON');
  }
  const map = isRecord(json) ? json['weight_map'] : null;
  if (!isRecord(map)) throw badIndex('it has no weight_map that names the file of each tensor');
  const fileOfTensor = new Map<string, string>();
  const fileNames = new Set<string>();
  for (const [tensor, file] of Object.entries(map)) {
    if (typeof file !== 'string' || !plainName.test(file)) {
      throw badIndex(
        `it places the tensor “${tensor.slice(0, 80)}” in ${JSON.stringify(file)?.slice(0, 80)}, which is no safetensors file`,
      );
    }
    fileOfTensor.set(tensor, file);
    fileNames.add(file);
  }
  if (fileNames.size === 0 || fileNames.size > mostFiles || fileOfTensor.size > mostTensors) {
    throw badIndex(`it names ${fileOfTensor.size} tensors in ${fileNames.size} files; 1 to ${mostFiles} files are read`);
  }
  return { fileNames: [...fileNames].sort(), fileOfTensor };
}

function badIndex(fault: string): TuneletError {
  return new TuneletError(
    'model/bad-safetensors',
    `${indexName} cannot be used: ${fault}.`,
    'Download it again with the files that it belongs to.',
    { file: indexName },
  );
}
