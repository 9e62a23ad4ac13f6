import { expect, test } from 'vitest';
import { parseSafetensorsHeader } from './safetensors';
import { layOutSafetensors } from './safetensorsShards';

const tensors = [
  { name: 'wte.weight', shape: [10, 4] },
  { name: 'h.0.weight', shape: [4, 4] },
  { name: 'h.0.bias', shape: [4] },
  { name: 'score.weight', shape: [2, 4] },
];

test('one file where all fit', () => {
  const { shards, index } = layOutSafetensors(tensors, 'F32', 1e9);
  expect(index).toBe(null);
  expect(shards.map(({ fileName }) => fileName)).toEqual(['model.safetensors']);
});

test('files are filled in order, a tensor is never parted, and the index says where each is', () => {
  const { shards, index } = layOutSafetensors(tensors, 'F16', 60);
  expect(shards.map((shard) => shard.tensors.map(({ name }) => name))).toEqual([
    ['wte.weight'],
    ['h.0.weight', 'h.0.bias', 'score.weight'],
  ]);
  expect(JSON.parse(index ?? '')).toEqual({
    metadata: { total_size: 136 },
    weight_map: {
      'wte.weight': 'model-00001-of-00002.safetensors',
      'h.0.weight': 'model-00002-of-00002.safetensors',
      'h.0.bias': 'model-00002-of-00002.safetensors',
      'score.weight': 'model-00002-of-00002.safetensors',
    },
  });
});

test('each header is what readers of safetensors ask for', () => {
  for (const { header, sizeBytes, tensors: held } of layOutSafetensors(tensors, 'F32', 100).shards) {
    const read = parseSafetensorsHeader(header, sizeBytes);
    expect(read.tensors.map(({ name, shape }) => ({ name, shape }))).toEqual(held);
    expect(header.length % 8).toBe(0);
  }
});
