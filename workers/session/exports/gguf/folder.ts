import { reportOf, type ErrorReport } from '../../../api/errors';
import type { ModelFormat, UsageLines } from '../../../api/trainerApi';
import { code } from '../../../lora/card/markdown';
import { ggufReadme, ggufUse, llamaCppCommand, llamaCppPython, modelfile, ollamaCommands, type GgufUse, type LlamaCppFiles } from '../../../lora/llamaCpp'; // prettier-ignore
import { AdapterMerge } from '../../../lora/merge';
import { loraOf } from '../archive';
import type { MergeOptions, StreamedFile, StreamedFolder } from '../mergedModel';
import type { ChosenModel } from '../../model/modelRoom';
import { plainName } from '../../run/folderNames';
import { exampleOf } from '../../run/runPython';
import type { Tuned } from '../../run/finishedRun';
import type { RunInputs } from '../../plan/runInputs';
import { ggufAdapter } from './adapter';
import { GgufModel } from './model';
import { modelMetadata } from './modelMetadata';
import { llamaCppPrompt } from './prompt';
import { adapterRefusal, modelRefusal } from './refusals';
import { tokenizerMetadata } from './tokenizerMetadata';
import { windowNote } from './window';

export type GgufFormat = Extract<ModelFormat, `gguf-${string}`>;

const modelTypes = { 'gguf-f16': 'F16', 'gguf-q8_0': 'Q8_0', 'gguf-base': 'F16' } as const;

/** What is in it is known before any of it is made. */
export interface GgufFolder extends StreamedFolder {
  list: { name: string; sizeBytes: number }[];
}

/** A file that is made as it is read. */
interface Weights {
  name: string;
  sizeBytes: number;
  stream: () => ReadableStream<Uint8Array>;
}

/**
 * A folder for llama.cpp and Ollama: the file, a README, its own where none is given, and a Modelfile; of the base alone, the file.
 * Nothing of the base is read before its turn has come.
 * @throws TuneletError 'export/unsupported'
 */
export async function ggufFolder(
  tuned: Tuned,
  type: GgufFormat,
  options: Pick<MergeOptions, 'signal' | 'onProgress'>,
  readme: (() => string) | null = null,
): Promise<GgufFolder> {
  const { inputs } = tuned;
  const refused = refusalOf(inputs, type);
  if (refused) throw refused;
  const weights = await weightsOf(tuned, type, options);
  const { name, sizeBytes } = weights;
  const texts = type === 'gguf-base' ? [] : folderTexts(inputs, type, readme);
  const list = [
    ...texts.map((file) => ({ name: file.name, sizeBytes: new TextEncoder().encode(file.text).length })),
    { name, sizeBytes },
  ];
  return { name: ggufZipName(inputs, type), sizeBytes, list, files: filesOf(texts, weights) };
}

async function weightsOf(
  { inputs, tunedParameters }: Tuned,
  type: GgufFormat,
  options: Pick<MergeOptions, 'signal' | 'onProgress'>,
): Promise<Weights> {
  const { model, planned, settings } = inputs;
  const tensors = planned.graphs.layout.unpack(tunedParameters);
  const files = ggufFiles(inputs, type);
  if (type === 'gguf-adapter') {
    const bytes = ggufAdapter({ name: inputs.name, base: model.base, lora: loraOf(settings), tensors });
    options.onProgress(bytes.length, bytes.length);
    return { name: files.adapter ?? '', sizeBytes: bytes.length, stream: () => new Blob([bytes]).stream() };
  }
  const merge = type === 'gguf-base' ? null : new AdapterMerge(loraOf(settings), model.base, tensors);
  const title = type === 'gguf-base' ? model.summary.name : inputs.name;
  const gguf = await GgufModel.create(model, { ...options, name: title, type: modelTypes[type], merge });
  return { name: files.model, sizeBytes: gguf.sizeBytes, stream: () => gguf.stream() };
}

/** As every system takes it. */
export function ggufZipName(inputs: RunInputs, type: GgufFormat): string {
  if (type === 'gguf-base') return `${plainName(inputs.model.summary.name)}-gguf.zip`;
  return `${plainName(inputs.name)}-${type === 'gguf-adapter' ? 'adapter-gguf' : type.slice('gguf-'.length)}.zip`;
}

/** Why this format cannot be had, or null. */
export async function ggufRefusal(inputs: RunInputs, type: GgufFormat): Promise<ErrorReport | null> {
  try {
    const refused = refusalOf(inputs, type);
    if (refused) throw refused;
    if (type !== 'gguf-adapter') {
      modelMetadata(inputs.model, inputs.name, modelTypes[type]);
      await tokenizerMetadata(inputs.model);
    }
    return null;
  } catch (thrown) {
    return reportOf(thrown);
  }
}

/** Lines that use the folder, which they are run in. */
export function ggufLines(inputs: RunInputs, type: GgufFormat): UsageLines[] {
  if (type === 'gguf-base' || inputs.task.name === 'head') return [];
  const files = ggufFiles(inputs, type);
  const prompt = llamaCppPrompt(inputs, exampleOf(inputs.task.name));
  return [
    { tool: 'llama.cpp', text: llamaCppCommand(files, prompt) },
    { tool: 'llama-cpp-python', text: llamaCppPython(files, prompt) },
    { tool: 'Ollama', text: ollamaCommands(plainName(inputs.name), prompt.example) },
  ];
}

function refusalOf({ settings }: RunInputs, type: GgufFormat) {
  const lora = loraOf(settings);
  return type === 'gguf-adapter' ? adapterRefusal(lora) : modelRefusal(lora);
}

function ggufFiles({ name, model }: RunInputs, type: GgufFormat): LlamaCppFiles {
  const plain = plainName(name);
  if (type === 'gguf-adapter') return { model: baseFile(model), adapter: `${plain}-adapter.gguf` };
  return {
    model: type === 'gguf-base' ? `${plainName(model.summary.name)}-f16.gguf` : `${plain}-${type.slice('gguf-'.length)}.gguf`,
    adapter: null,
  };
}

/** What the base is called: its own GGUF file, or the one that is made of it here. */
function baseFile({ files, summary }: ChosenModel): string {
  const own = files.format === 'gguf' ? files.weightFiles[0] : undefined;
  return own === undefined ? `${plainName(summary.name)}-f16.gguf` : own.slice(own.lastIndexOf('/') + 1);
}

/** How the folder is used, as Markdown. */
export function ggufCardUse(inputs: RunInputs, type: GgufFormat): string[] {
  return ggufUse(usageOf(inputs, type));
}

function usageOf(inputs: RunInputs, type: GgufFormat): GgufUse {
  return {
    note: windowNote(inputs.model),
    files: ggufFiles(inputs, type),
    prompt: llamaCppPrompt(inputs, exampleOf(inputs.task.name)),
    ollama: plainName(inputs.name),
  };
}

function folderTexts(inputs: RunInputs, type: GgufFormat, readme: (() => string) | null): { name: string; text: string }[] {
  const use = usageOf(inputs, type);
  const { files, prompt } = use;
  const { summary } = inputs.model;
  const what =
    files.adapter === null
      ? `${code(summary.name)}, tuned in a browser with Tunelet: base and adapter as one model for llama.cpp and Ollama.`
      : `A LoRA adapter for ${code(summary.name)}, trained in a browser with Tunelet, for llama.cpp and Ollama. Put the base model’s GGUF file, ${code(files.model)}, beside it.`;
  return [
    { name: 'README.md', text: readme ? readme() : ggufReadme(inputs.name, what, use) },
    { name: 'Modelfile', text: modelfile(files, prompt) },
  ];
}

async function* filesOf(texts: readonly { name: string; text: string }[], weights: Weights): AsyncGenerator<StreamedFile> {
  for (const { name, text } of texts) yield { name, input: text };
  yield { name: weights.name, input: weights.stream(), size: weights.sizeBytes };
}
