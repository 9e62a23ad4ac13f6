import { expect } from '@playwright/test';
import { parseSafetensorsHeader, safetensorsHeaderLength, type TensorInfo } from '../../workers/files/safetensors';
import { readSafetensors, type FloatTensor } from '../../workers/files/safetensorsData';
import { StoredZip } from './storedZip';
import type { SyntheticModel } from './syntheticModel';

/** Of each tensor; one is looked at whole. */
const sampled = 200;
const largestShardBytes = 2e9;

/** Base, adapter and head as the page trained them: what the merged model must hold. */
export interface Merged {
  model: SyntheticModel;
  /** Unpacked. */
  adapter: Readonly<Record<string, Uint8Array>>;
}

interface PlacedTensor extends TensorInfo {
  file: string;
}

/** Reads a downloaded merged model in float32 back: every file whole, every shard's header, the index, and numbers of every tensor. */
export async function expectMergedModel(path: string, merged: Merged): Promise<{ shards: number; weightBytes: number }> {
  const zip = await StoredZip.open(path);
  try {
    for (const name of zip.names) expect(await zip.isWhole(name), `${name} is whole`).toBe(true);
    const shards = zip.names.filter((name) => name.endsWith('.safetensors'));
    expect(zip.names.filter((name) => !shards.includes(name) && !name.endsWith('.index.json')).sort()).toEqual([
      'README.md',
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect(JSON.parse((await zip.bytes('config.json')).toString())).toMatchObject({
      architectures: ['LlamaForSequenceClassification'],
      dtype: 'float32',
      num_labels: 3,
    });
    const tensors = await placedTensors(zip, shards);
    const numberBytes = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
    await expectIndex(zip, shards, tensors, numberBytes);
    expect(numberBytes).toBe(4 * [...shapesOf(merged)].reduce((sum, [, shape]) => sum + sizeOf(shape), 0));
    await expectNumbers(zip, tensors, merged);
    return { shards: shards.length, weightBytes: shards.reduce((sum, name) => sum + zip.sizeOf(name), 0) };
  } finally {
    await zip.close();
  }
}

/** Each header is checked against its file's size: no hole, no overlap, nothing behind the last number. */
async function placedTensors(zip: StoredZip, shards: readonly string[]): Promise<PlacedTensor[]> {
  const placed: PlacedTensor[] = [];
  for (const file of shards) {
    const size = zip.sizeOf(file);
    const headerBytes = 8 + safetensorsHeaderLength(await zip.bytes(file, 0, 8), size, file);
    const { tensors } = parseSafetensorsHeader(await zip.bytes(file, 0, headerBytes), size, file);
    expect(size - headerBytes).toBeLessThanOrEqual(largestShardBytes);
    placed.push(...tensors.map((tensor) => ({ ...tensor, file })));
  }
  return placed;
}

async function expectIndex(zip: StoredZip, shards: readonly string[], tensors: readonly PlacedTensor[], numberBytes: number) {
  const name = 'model.safetensors.index.json';
  if (numberBytes <= largestShardBytes) {
    expect(shards).toEqual(['model.safetensors']);
    expect(zip.names).not.toContain(name);
    return;
  }
  const of = String(shards.length).padStart(5, '0');
  expect(shards).toEqual(shards.map((_, at) => `model-${String(at + 1).padStart(5, '0')}-of-${of}.safetensors`));
  expect(shards.length).toBeGreaterThan(1);
  expect(JSON.parse((await zip.bytes(name)).toString())).toEqual({
    metadata: { total_size: numberBytes },
    weight_map: Object.fromEntries(tensors.map(({ name: tensor, file }) => [tensor, file])),
  });
}

async function expectNumbers(zip: StoredZip, tensors: readonly PlacedTensor[], merged: Merged): Promise<void> {
  const shapes = shapesOf(merged);
  expect(tensors.map(({ name }) => name).sort()).toEqual([...shapes.keys()].sort());
  const expected = numbersOf(merged);
  const whole = tensors.findLast(({ name }) => name.endsWith('v_proj.weight'))?.name;
  for (const { name, shape, file, byteOffset } of tensors) {
    expect(shape, name).toEqual(shapes.get(name));
    const count = sizeOf(shape);
    const step = name === whole ? 1 : Math.max(1, (count - 1) / (sampled - 1));
    const held = name === whole ? await zip.bytes(file, byteOffset, 4 * count) : null;
    const wrong: string[] = [];
    for (let at = 0; at < count; at += step) {
      const index = Math.floor(at);
      const actual = held ? held.readFloatLE(4 * index) : (await zip.bytes(file, byteOffset + 4 * index, 4)).readFloatLE();
      const { value, tolerance } = expected(name, index);
      if (!(Math.abs(actual - value) <= tolerance)) wrong.push(`${name}[${index}] is ${actual}, not ${value}`);
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  }
}

function shapesOf({ model }: Merged): Map<string, readonly number[]> {
  const width = model.shapes.get('model.norm.weight')?.[0] ?? 0;
  return new Map([...model.shapes, ['score.weight', [3, width]]]);
}

/** W + s B A of what is adapted, by the definition; everything else to the last bit. */
function numbersOf({ model, adapter }: Merged): (tensor: string, index: number) => { value: number; tolerance: number } {
  const { tensors } = readSafetensors(adapter['adapter_model.safetensors'] ?? new Uint8Array());
  const { r, lora_alpha: alpha } = JSON.parse(Buffer.from(adapter['adapter_config.json'] ?? []).toString());
  const scaling = Number(alpha) / Number(r);
  const of = (name: string): FloatTensor | undefined => tensors.get(`base_model.model.${name}`);
  const score = of('score.weight')?.values;
  expect(score).toBeDefined();
  const changed = [...tensors].filter(([name]) => name.includes('lora_B'));
  expect(changed.length).toBeGreaterThan(3);
  for (const [name, { values }] of changed) expect(values.some((value) => value !== 0), name).toBe(true); // prettier-ignore
  return (tensor, index) => {
    if (tensor === 'score.weight') return { value: score?.[index] ?? NaN, tolerance: 0 };
    const base = model.numberAt(tensor, index);
    const module = tensor.replace(/\.weight$/, '');
    const [a, b] = [of(`${module}.lora_A.weight`), of(`${module}.lora_B.weight`)];
    if (!a || !b) return { value: base, tolerance: 0 };
    const [rank = 0, inputs = 0] = a.shape;
    const [output, input] = [Math.floor(index / inputs), index % inputs];
    let product = 0;
    for (let k = 0; k < rank; k++) product += (b.values[output * rank + k] ?? NaN) * (a.values[k * inputs + input] ?? NaN);
    return { value: base + scaling * product, tolerance: 1e-8 };
  };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
