import type { Executor, Program } from '../../workers/engine/executor';
import { ParameterLayout } from '../../workers/engine/parameters';
import { idleStep } from '../../workers/engine/step';
import { createWasmExecutor } from '../../workers/engine/wasm/executor';
import { readSafetensors } from '../../workers/files/safetensorsData';
import { parseAdapterConfig, scalingOf } from '../../workers/lora/config';
import { adaptedMatcher } from '../../workers/lora/targets';
import { baseModelOf } from '../../workers/models/registry';
import { wasmOps } from '../../workers/ops/wasm/index';
import { openModel } from '../../workers/weights/openModel';
import { buildLogits, everyTokenBatch, weightsOf } from '../../workers/testing/logitsGraph';

/** Of an unpacked adapter. */
export interface AdapterFiles {
  config: string;
  weights: Uint8Array;
}

/** A causal model on the processor, in float32, with every logit to be seen: what other programs are compared with. */
export class GreedyModel {
  readonly #executor: Executor;
  readonly #program: Program;
  readonly #vocabulary: number;

  private constructor(executor: Executor, program: Program, vocabulary: number) {
    this.#executor = executor;
    this.#program = program;
    this.#vocabulary = vocabulary;
  }

  /** @param files a model as a user drops it */
  static async open(files: File[], adapter: AdapterFiles | null, longestTokens: number): Promise<GreedyModel> {
    const opened = await openModel({ kind: 'files', files }, { embeddedBase: 'http://unused/' });
    const model = baseModelOf(opened.config);
    const config = adapter && parseAdapterConfig(adapter.config, model.defaultTargets, ['CAUSAL_LM']);
    const lora = config
      ? { r: config.r, scaling: scalingOf(config), dropout: 0, adapts: adaptedMatcher(config) }
      : { r: 1, scaling: 1, dropout: 0, adapts: () => false };
    const layout = new ParameterLayout();
    const graph = buildLogits(model, { lora, storage: 'float32' }, layout);
    const executor = await createWasmExecutor({ ops: wasmOps });
    executor.allocateWeights(weightsOf([graph]));
    await opened.streamTensors(model.wantedTensor, ({ name, ...rows }) => executor.writeWeights({ tensor: name, ...rows }));
    await executor.finishWeights();
    executor.allocateParameters(layout.size);
    const program = await executor.prepare(graph, { tokens: longestTokens, sequences: 1, targets: longestTokens });
    if (adapter) {
      const { tensors } = readSafetensors(adapter.weights);
      executor.writeState('parameters', layout.pack(new Map([...tensors].map(([name, { values }]) => [name, values]))));
    }
    return new GreedyModel(executor, program, model.vocabularySize);
  }

  /** `(tokens, vocabulary)`. */
  async logits(ids: readonly number[]): Promise<Float32Array> {
    const readings = await this.#program.run(everyTokenBatch([ids]), idleStep, false);
    return Float32Array.from(readings.get('logits') ?? []).slice(0, ids.length * this.#vocabulary);
  }

  /** So many tokens after these, whatever they are; `margins`: how far each is ahead of the next best. */
  async greedy(prompt: readonly number[], count: number): Promise<{ ids: number[]; margins: number[] }> {
    const ids = [...prompt];
    const margins: number[] = [];
    for (let at = 0; at < count; at++) {
      const last = (await this.logits(ids)).subarray(-this.#vocabulary);
      let best = 0;
      let second = -Infinity;
      last.forEach((value, id) => {
        if (id === 0 || value > last[best]!) [second, best] = [id === 0 ? -Infinity : last[best]!, id];
        else if (value > second) second = value;
      });
      ids.push(best);
      margins.push(last[best]! - second);
    }
    return { ids: ids.slice(prompt.length), margins };
  }

  dispose(): void {
    this.#program.dispose();
    this.#executor.dispose();
  }
}
