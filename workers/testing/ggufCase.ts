import type { Executor, WeightRows } from '../engine/executor';
import type { WeightStorage } from '../engine/graph';
import { ParameterLayout } from '../engine/parameters';
import { idleStep } from '../engine/step';
import { readSafetensors, type FloatTensor } from '../files/safetensorsData';
import type { StoredTensor } from '../models/architecture';
import { baseModelOf } from '../models/registry';
import { loadLanguageModelCase, type LanguageModelCase } from './languageModelCase';
import { buildLogits, everyTokenBatch, weightsOf } from './logitsGraph';

export const ggufKinds = ['F32', 'F16', 'Q8_0', 'Q4_0'] as const;
export type GgufKind = (typeof ggufKinds)[number];

/** The tiny GGUF files, and what transformers computes from them. */
export interface GgufCases {
  parity: LanguageModelCase;
  /** `logits.F32` and so on: (tokens, vocabulary) of the case's batch, without an adapter. */
  expected: ReadonlyMap<string, FloatTensor>;
  file(kind: GgufKind): Promise<File>;
}

/** `read` gives the bytes of a file under the fixtures' reference folder. */
export async function loadGgufCases(read: (path: string) => Promise<Uint8Array>): Promise<GgufCases> {
  return {
    parity: await loadLanguageModelCase('llama-tiny-lm', async (file) => read(`llama-tiny-lm/${file}`)),
    expected: readSafetensors(await read('quant/gguf_logits.safetensors')).tensors,
    file: async (kind) =>
      new File([new Uint8Array(await read(`quant/llama-tiny-lm.${kind}.gguf`))], `llama-tiny-lm.${kind}.gguf`),
  };
}

/** A user's file once it is opened. */
export interface OpenedModel {
  config: unknown;
  tensors: readonly StoredTensor[];
  streamTensors(
    wanted: (fileName: string) => string | null,
    onRows: (rows: { name: string } & Omit<WeightRows, 'tensor'>) => void,
  ): Promise<void>;
}

/** The case's logits by an opened model, its weights held as `storage`. */
export async function ggufLogits(
  { parity }: GgufCases,
  files: OpenedModel,
  executor: Executor,
  storage: WeightStorage,
): Promise<Float32Array> {
  const model = baseModelOf(files.config);
  model.checkTensors(files.tensors);
  const layout = new ParameterLayout();
  const lora = { r: 1, scaling: 1, dropout: 0, adapts: () => false };
  const graph = buildLogits(model, { lora, storage }, layout);
  executor.allocateWeights(weightsOf([graph]));
  await files.streamTensors(model.wantedTensor, ({ name, ...rows }) => executor.writeWeights({ tensor: name, ...rows }));
  await executor.finishWeights();
  const batch = everyTokenBatch(parity.examples.map(({ ids }) => ids));
  const program = await executor.prepare(graph, { tokens: batch.tokens, sequences: batch.sequences, targets: batch.tokens });
  const readings = await program.run(batch, idleStep, false);
  program.dispose();
  return readings.get('logits') ?? new Float32Array();
}
