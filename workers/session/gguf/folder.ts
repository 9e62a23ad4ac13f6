import { reportOf, type ErrorReport } from '../../api/errors';
import type { ModelFormat, UsageLines } from '../../api/trainerApi';
import { code } from '../../lora/card/markdown';
import { ggufReadme, llamaCppCommand, llamaCppPython, modelfile, ollamaCommands, type LlamaCppFiles } from '../../lora/llamaCpp';
import { AdapterMerge } from '../../lora/merge';
import { loraOf } from '../archive';
import type { MergeOptions, StreamedFile, StreamedFolder } from '../mergedModel';
import type { ChosenModel } from '../modelRoom';
import { plainName } from '../folderNames';
import { exampleOf } from '../runPython';
import type { Tuned } from '../finishedRun';
import type { RunInputs } from '../runInputs';
import { ggufAdapter } from './adapter';
import { GgufModel } from './model';
import { modelMetadata } from './modelMetadata';
import { llamaCppPrompt } from './prompt';
import { adapterRefusal, modelRefusal } from './refusals';
import { tokenizerMetadata } from './tokenizerMetadata';
import { windowNote } from './window';

export type GgufFormat = Extract<ModelFormat, `gguf-${string}`>;

const modelTypes = { 'gguf-f16': 'F16', 'gguf-q8_0': 'Q8_0', 'gguf-base': 'F16' } as const;

/**
 * A folder for llama.cpp and Ollama: the file, a README and a Modelfile; of the base alone, the file.
 * @throws TuneletError 'export/unsupported'
 */
export async function ggufFolder(
  { inputs, tunedParameters }: Tuned,
  type: GgufFormat,
  options: Pick<MergeOptions, 'signal' | 'onProgress'>,
): Promise<StreamedFolder> {
  const refused = refusalOf(inputs, type);
  if (refused) throw refused;
  const { model, planned, settings } = inputs;
  const tensors = planned.graphs.layout.unpack(tunedParameters);
  const name = ggufZipName(inputs, type);
  const files = ggufFiles(inputs, type);
  if (type === 'gguf-adapter') {
    const bytes = ggufAdapter({ name: inputs.name, base: model.base, lora: loraOf(settings), tensors });
    options.onProgress(bytes.length, bytes.length);
    const file = { name: files.adapter ?? '', input: new Blob([bytes]).stream(), size: bytes.length };
    return { name, sizeBytes: bytes.length, files: folderFiles(inputs, type, file) };
  }
  const merge = type === 'gguf-base' ? null : new AdapterMerge(loraOf(settings), model.base, tensors);
  const title = type === 'gguf-base' ? model.summary.name : inputs.name;
  const gguf = await GgufModel.create(model, { ...options, name: title, type: modelTypes[type], merge });
  const { sizeBytes } = gguf;
  // Nothing of the base is read before the zip has come to it.
  const file = { name: files.model, input: gguf.stream(), size: sizeBytes };
  return { name, sizeBytes, files: folderFiles(inputs, type, file) };
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

async function* folderFiles(inputs: RunInputs, type: GgufFormat, file: StreamedFile): AsyncGenerator<StreamedFile> {
  if (type !== 'gguf-base') {
    const files = ggufFiles(inputs, type);
    const prompt = llamaCppPrompt(inputs, exampleOf(inputs.task.name));
    const { summary } = inputs.model;
    const what =
      files.adapter === null
        ? `${code(summary.name)}, tuned in a browser with Tunelet: base and adapter as one model for llama.cpp and Ollama.`
        : `A LoRA adapter for ${code(summary.name)}, trained in a browser with Tunelet, for llama.cpp and Ollama. Put the base model’s GGUF file, ${code(files.model)}, beside it.`;
    const note = windowNote(inputs.model);
    yield { name: 'README.md', input: ggufReadme(inputs.name, { what, note, files, prompt, ollama: plainName(inputs.name) }) };
    yield { name: 'Modelfile', input: modelfile(files, prompt) };
  }
  yield file;
}
