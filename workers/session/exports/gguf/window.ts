import type { BaseModel } from '../../../models/architecture';
import { parseLlamaConfig } from '../../../models/llamaConfig';
import type { ModelFiles } from '../../../weights/openModel';

interface OpenedModel {
  base: Pick<BaseModel, 'architecture'>;
  files: Pick<ModelFiles, 'config'>;
}

/**
 * What to know of a model whose layers look at the last tokens alone: llama.cpp lets Mistral's (its architecture `llama`) and Qwen2's look
 * at all, whatever the file says. Null where the window is no shorter than the model's positions.
 */
export function windowNote({ base, files }: OpenedModel): string | null {
  if (base.architecture === 'gpt2') return null;
  const { windows, positions } = parseLlamaConfig(files.config, base.architecture);
  const window = Math.min(...windows.map((each) => each ?? Infinity));
  if (window >= positions) return null;
  const tokens = `${window.toLocaleString('en')} token${window === 1 ? '' : 's'}`;
  return `This model looks at the last ${tokens}; llama.cpp and Ollama let it look at all. Up to ${tokens}, prompt and answer together, they compute what was tuned here; beyond, answers can differ.`;
}
