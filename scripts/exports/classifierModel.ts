import { scoreTensor } from '../../workers/api/adapterNames';
import { collate } from '../../workers/data/collate';
import { idleStep } from '../../workers/engine/step';
import { createWasmExecutor } from '../../workers/engine/wasm/executor';
import { ParameterLayout } from '../../workers/engine/parameters';
import { readSafetensors } from '../../workers/files/safetensorsData';
import { HubLibrary } from '../../workers/hub/hubLibrary';
import { wasmOps } from '../../workers/ops/wasm/index';
import { chooseModel } from '../../workers/session/model/modelRoom';
import { weightsOf } from '../../workers/testing/logitsGraph';
import { engineBatch } from '../../workers/testing/parityCase';
import { evaluationGraph } from '../../workers/training/graphs';
import { fuse } from '../../workers/ops/fuse';

/**
 * Logits `(texts, labels)` of a merged classifier's folder, in float32 on the processor: its body is read as any base model's, its
 * head as it lies there.
 */
export async function classifierLogits(files: File[], texts: readonly string[], maxLength: number): Promise<Float32Array> {
  const silent = (): void => {};
  const model = await chooseModel({ kind: 'files', files }, 'http://unused/', new HubLibrary(null, silent), silent);
  const stored = files.find(({ name }) => name === 'model.safetensors');
  const head = stored && readSafetensors(new Uint8Array(await stored.arrayBuffer())).tensors.get('score.weight');
  if (!head) throw new Error('The folder has no model.safetensors with score.weight.');
  const layout = new ParameterLayout();
  const lora = { r: 1, scaling: 1, dropout: 0, adapts: () => false };
  const graph = fuse(evaluationGraph(model.base, { lora, storage: 'float32', labelCount: head.shape[0] ?? 0 }, layout));
  const executor = await createWasmExecutor({ ops: wasmOps });
  executor.allocateWeights(weightsOf([graph]));
  await model.files.streamTensors(model.base.wantedTensor, ({ name, ...rows }) =>
    executor.writeWeights({ tensor: name, ...rows }),
  );
  await executor.finishWeights();
  executor.allocateParameters(layout.size);
  executor.writeState('parameters', layout.pack(new Map([[scoreTensor, head.values]])));
  const examples = texts.map((text) => ({ inputIds: model.tokenizer.encode(text).slice(0, maxLength), label: 0 }));
  const batch = engineBatch(collate(examples, model.padTokenId));
  const program = await executor.prepare(graph, { tokens: batch.tokens, sequences: texts.length });
  const logits = Float32Array.from((await program.run(batch, idleStep, false)).get('logits') ?? []);
  program.dispose();
  executor.dispose();
  return logits.slice(0, texts.length * (head.shape[0] ?? 0));
}
