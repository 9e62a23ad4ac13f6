import { TuneletError } from '../api/errors';
import type { TensorShapes } from '../api/modules';
import { readableTensorTypes } from '../api/tensorTypes';
import type { StoredTensor } from './architecture';

/** What a model asks of the tensors of its files. */
export interface TensorRules {
  /** Name in the graph and shape in the file of all that must be there. */
  needed: ReadonlyMap<string, readonly number[]>;
  /** Those that may be there. */
  optional?: ReadonlyMap<string, readonly number[]>;
  /** The graph's name for a tensor of the file, whatever its layer; null for what no model of the family uses. */
  canonicalName(fileName: string): string | null;
  layers: { count: number; key: string };
}

/**
 * Checks that every needed tensor is there once, holds numbers that are read and has the configuration's shape.
 * @throws TuneletError 'model/missing-tensor', 'model/wrong-shape' or 'model/unsupported'
 */
export function checkTensors(stored: Iterable<StoredTensor>, { needed, optional, canonicalName, layers }: TensorRules): void {
  const found = new Map<string, StoredTensor>();
  for (const tensor of stored) {
    const name = canonicalName(tensor.name);
    if (name === null) continue;
    const other = found.get(name);
    if (other) throw twice(other.name, tensor.name);
    found.set(name, tensor);
  }
  const missing = [...needed.keys()].filter((name) => !found.has(name));
  if (missing[0] !== undefined) throw missingTensor(missing[0], missing.length, needed.size);
  for (const [name, shape] of [...needed, ...(optional ?? [])]) {
    const tensor = found.get(name);
    if (!tensor) continue;
    if (tensor.shape.join() !== shape.join()) throw wrongShape(tensor, shape);
    if (!readableTensorTypes.includes(tensor.dtype)) throw wrongType(tensor);
  }
  const extra = [...found.keys()].find((name) => !needed.has(name) && !optional?.has(name));
  if (extra !== undefined) throw tooMuch(extra, layers);
}

/** Tensors by their path in a task model. */
export function pathsOf(prefix: string, tensors: TensorShapes): TensorShapes {
  return new Map([...tensors].map(([name, shape]) => [prefix + name, shape]));
}

/** Numbers of all tensors of these shapes. */
export function numberCount(shapes: Iterable<readonly number[]>): number {
  let count = 0;
  for (const shape of shapes) count += shape.reduce((product, size) => product * size, 1);
  return count;
}

function twice(first: string, second: string): TuneletError {
  return new TuneletError(
    'model/unsupported',
    `The weights hold one tensor under two names: ${first} and ${second}.`,
    'Save the model again with transformers, which writes each tensor once.',
    { tensor: second },
  );
}

function missingTensor(name: string, count: number, neededCount: number): TuneletError {
  const others = count === 1 ? '' : ` and ${count - 1} more of the ${neededCount} needed`;
  return new TuneletError(
    'model/missing-tensor',
    `The weights lack the tensor ${name}${others}.`,
    'Choose the weights and the config.json of one and the same model.',
    { tensor: name, missing: count },
  );
}

function wrongShape(tensor: StoredTensor, shape: readonly number[]): TuneletError {
  const [met, wanted] = [`[${tensor.shape.join(', ')}]`, `[${shape.join(', ')}]`];
  return new TuneletError(
    'model/wrong-shape',
    `The tensor ${tensor.name} has the shape ${met}; config.json asks for ${wanted}.`,
    'Choose the weights and the config.json of one and the same model.',
    { tensor: tensor.name, shape: met, expected: wanted },
  );
}

function wrongType(tensor: StoredTensor): TuneletError {
  return new TuneletError(
    'model/unsupported',
    `The tensor ${tensor.name} holds ${tensor.dtype} numbers; ${readableTensorTypes.join(', ')} are read.`,
    'Save the model with one of these types, for example with model.float().save_pretrained(folder).',
    { tensor: tensor.name, dtype: tensor.dtype },
  );
}

function tooMuch(name: string, { count, key }: TensorRules['layers']): TuneletError {
  return new TuneletError(
    'model/wrong-shape',
    `The weights hold the tensor ${name}, but config.json says that the model has ${count} layers (${key}) and no such tensor.`,
    'Choose the weights and the config.json of one and the same model.',
    { tensor: name, [key]: count },
  );
}
