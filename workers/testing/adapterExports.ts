import { createWasmExecutor } from '../engine/wasm/executor';
import { buildAdapterArchive } from '../lora/adapterFiles';
import type { LoraConfig } from '../lora/config';
import { readZip } from '../files/zip';
import { writeSafetensors } from '../files/safetensorsData';
import type { BaseModel } from '../models/architecture';
import { wasmOps } from '../ops/wasm/index';
import { adapterRecord } from './adapterRecord';
import { LanguageModelRun, loadLanguageModelCase } from './languageModelCase';
import { loadParityCase, ParityRun } from './parityCase';
import type { Trajectory } from './trajectory';

/** An adapter as a user downloads it, after all steps of a fixture's training run. */
export interface AdapterExample {
  name: string;
  /** The fixture whose model it adapts. */
  base: string;
  files: Map<string, Uint8Array>;
  /** Safetensors with `logits`: what our executor computes of that fixture's batch with this adapter. */
  logits: Uint8Array;
}

const classifiers = ['gpt2-tiny-cls', 'gpt2-tiny-cls-all', 'llama-tiny-cls', 'dora-tiny'];
const languageModels = ['gpt2-tiny-lm', 'llama-tiny-lm', 'mistral-tiny-lm'];

export const exampleNames: readonly string[] = [...classifiers, ...languageModels];

/** Trains the fixture's adapter as its trajectory says, and exports it. `read` gives the bytes of a file of the fixture's folder. */
export async function exportExample(name: string, read: (file: string) => Promise<Uint8Array>): Promise<AdapterExample> {
  return classifiers.includes(name) ? exportClassifier(name, read) : exportLanguageModel(name, read);
}

async function exportClassifier(name: string, read: (file: string) => Promise<Uint8Array>): Promise<AdapterExample> {
  const parity = await loadParityCase(name, read);
  const executor = await createWasmExecutor({ ops: wasmOps });
  const trained = await trainedBy(await ParityRun.create(parity, executor, 'float32'));
  executor.dispose();
  const labels = Array.from({ length: parity.expected.get('logits')?.shape[1] ?? 0 }, (_, index) => `class ${index}`);
  const lora = loraConfig(parity.meta.lora, 'SEQ_CLS');
  return { name, base: parity.meta.base_dir, ...filesOf({ lora, base: parity.base, labels, ...trained, width: labels.length }) };
}

async function exportLanguageModel(name: string, read: (file: string) => Promise<Uint8Array>): Promise<AdapterExample> {
  const parity = await loadLanguageModelCase(name, read);
  const executor = await createWasmExecutor({ ops: wasmOps });
  const trained = await trainedBy(await LanguageModelRun.create(parity, executor, 'float32'));
  executor.dispose();
  const lora = loraConfig(parity.meta.lora, 'CAUSAL_LM');
  return {
    name,
    base: name,
    ...filesOf({ lora, base: parity.model, labels: [], ...trained, width: parity.model.vocabularySize }),
  };
}

async function trainedBy(run: ParityRun | LanguageModelRun): Promise<Pick<Trained, 'parameters' | 'logits'>> {
  const { parameters } = await run.trajectory();
  return { parameters, logits: await run.logits() };
}

interface MetaLora {
  r: number;
  lora_alpha: number;
  use_rslora?: boolean;
  use_dora?: boolean;
  target_modules: string[];
}

function loraConfig(lora: MetaLora, task: 'SEQ_CLS' | 'CAUSAL_LM'): LoraConfig {
  return {
    r: lora.r,
    loraAlpha: lora.lora_alpha,
    loraDropout: 0,
    targetModules: lora.target_modules,
    useRslora: lora.use_rslora ?? false,
    useDora: lora.use_dora ?? false,
    task,
  };
}

interface Trained {
  lora: LoraConfig;
  base: BaseModel;
  labels: readonly string[];
  parameters: Trajectory['parameters'];
  logits: Float32Array;
  /** Of a row of logits. */
  width: number;
}

function filesOf({ lora, base, labels, parameters, logits, width }: Trained): Pick<AdapterExample, 'files' | 'logits'> {
  const record = adapterRecord(labels);
  const archive = buildAdapterArchive({
    lora,
    model: base,
    tensors: parameters,
    tokenizerFiles: [],
    record,
    python: '',
    slices: null,
  });
  const values = Float32Array.from(logits);
  const shape = [values.length / width, width];
  return { files: readZip(archive, 'adapter.zip'), logits: writeSafetensors(new Map([['logits', { shape, values }]])) };
}
