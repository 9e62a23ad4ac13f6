import type { ModelDownload } from '../../api/trainerApi';
import { ggufZipName, ggufLines, ggufRefusal, type GgufFormat } from './gguf/folder';
import { windowNote } from './gguf/window';
import { mergedFolder } from '../run/folderNames';
import { mergedPython } from '../run/runPython';
import type { RunInputs } from '../plan/runInputs';

const safetensors = ['float16', 'float32'] as const;
const gguf: readonly GgufFormat[] = ['gguf-f16', 'gguf-q8_0', 'gguf-adapter', 'gguf-base'];

/** Every format of a run's models, with the lines that use it, or why it cannot be had. */
export async function modelDownloads(inputs: RunInputs): Promise<ModelDownload[]> {
  const folder = mergedFolder(inputs.name);
  const downloads: ModelDownload[] = safetensors.map((type) => ({
    type,
    name: `${folder}.zip`,
    lines: [{ tool: 'transformers', text: mergedPython(inputs, folder) }],
    note: null,
    refused: null,
  }));
  for (const type of gguf) {
    const refused = await ggufRefusal(inputs, type);
    const lines = refused ? [] : ggufLines(inputs, type);
    const note = refused ? null : windowNote(inputs.model);
    downloads.push({ type, name: ggufZipName(inputs, type), lines, note, refused });
  }
  return downloads;
}
