import type { Batch } from '../../../workers/engine/executor';
import { collate } from '../../../workers/data/collate';
import { RandomStream } from '../../../workers/training/random';

/** A model's shape with random weights, an adapter, and the lengths of the texts that it learns from. */
export interface Workload {
  name: string;
  layers: number;
  width: number;
  heads: number;
  positions: number;
  vocabulary: number;
  labels: number;
  r: number;
  loraAlpha: number;
  /** What LoRA adapts, as PEFT's `target_modules` names it. */
  targets: string[];
  /** Tokens of each text of each batch; the batches are taken in turn. */
  batches: number[][];
}

/** Normal numbers with GPT-2's 0.02; a block of them repeated, since their values do not change the work. */
export function randomRows(count: number, deviation = 0.02): Float32Array {
  const random = new RandomStream(1, 'weights');
  const block = Float32Array.from({ length: 65_521 }, () => random.normal() * deviation);
  const rows = new Float32Array(count);
  for (let at = 0; at < count; at += block.length) rows.set(block.subarray(0, Math.min(block.length, count - at)), at);
  return rows;
}

/** Random texts of the workload's lengths, the same for every engine; never the pad token. */
export function randomTexts(workload: Workload, at: number): { inputIds: Int32Array; label: number }[] {
  const random = new RandomStream(2, `tokens ${at}`);
  return lengthsOf(workload, at).map((length, index) => ({
    inputIds: Int32Array.from({ length }, () => Math.floor(random.uniform() * (workload.vocabulary - 1))),
    label: index % workload.labels,
  }));
}

/** The lengths of step `at`. */
export function lengthsOf({ batches }: Workload, at: number): number[] {
  return batches[at % batches.length] ?? [];
}

export function padTokenOf({ vocabulary }: Workload): number {
  return vocabulary - 1;
}

/** All batches, packed. */
export function packedBatches(workload: Workload): Batch[] {
  return workload.batches.map((_, at) => {
    const { tokens, sequences, ...inputs } = collate(randomTexts(workload, at), padTokenOf(workload));
    return { tokens, sequences, inputs };
  });
}

/** The most tokens and texts that any of the batches has. */
export function capacityOf(batches: readonly Batch[]): { tokens: number; sequences: number } {
  return {
    tokens: Math.max(...batches.map(({ tokens }) => tokens)),
    sequences: Math.max(...batches.map(({ sequences }) => sequences)),
  };
}
