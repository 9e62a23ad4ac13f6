import type { Batch } from '../../../workers/engine/executor';
import { RandomStream } from '../../../workers/training/random';

/** GPT-2's shape with a choice of depth; random weights. */
export interface Workload {
  layers: number;
  width: number;
  heads: number;
  positions: number;
  vocabulary: number;
  sequences: number;
  /** Tokens of each sequence. */
  length: number;
  labels: number;
  r: number;
  loraAlpha: number;
}

export function gpt2Workload(layers: number): Workload {
  return {
    layers,
    width: 768,
    heads: 12,
    positions: 1024,
    vocabulary: 50257,
    sequences: 4,
    length: 32,
    labels: 2,
    r: 8,
    loraAlpha: 16,
  };
}

export function workloadName(workload: Workload): string {
  return `gpt2 ${workload.layers} x ${workload.width}, batch ${workload.sequences} x ${workload.length}, LoRA r=${workload.r} on c_attn`;
}

/** Normal numbers with GPT-2's 0.02; a block of them repeated, since their values do not change the work. */
export function randomRows(count: number, deviation = 0.02): Float32Array {
  const random = new RandomStream(1, 'weights');
  const block = Float32Array.from({ length: 65_521 }, () => random.normal() * deviation);
  const rows = new Float32Array(count);
  for (let at = 0; at < count; at += block.length) rows.set(block.subarray(0, Math.min(block.length, count - at)), at);
  return rows;
}

/** The same random texts for both engines. */
export function randomTokens(workload: Workload): { ids: Int32Array; labels: Int32Array } {
  const random = new RandomStream(2, 'tokens');
  const ids = Int32Array.from({ length: workload.sequences * workload.length }, () =>
    Math.floor(random.uniform() * (workload.vocabulary - 1)),
  );
  return { ids, labels: Int32Array.from({ length: workload.sequences }, (_, index) => index % workload.labels) };
}

export function packedTokens(workload: Workload): Batch {
  const { sequences, length } = workload;
  const { ids, labels } = randomTokens(workload);
  const tokens = sequences * length;
  return {
    tokens,
    sequences,
    inputs: {
      inputIds: ids,
      labels,
      positions: Int32Array.from({ length: tokens }, (_, row) => row % length),
      rowSegments: Int32Array.from({ length: tokens }, (_, row) => Math.floor(row / length)),
      segmentOffsets: Int32Array.from({ length: sequences + 1 }, (_, at) => at * length),
      pooledRows: Int32Array.from({ length: sequences }, (_, at) => (at + 1) * length - 1),
    },
  };
}
