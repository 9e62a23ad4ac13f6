import { placeholders } from '../../api/promptTemplate';
import type { RunResult } from '../../api/results';
import { mergedPythonLines, pythonLines, type PythonPrompt } from '../../lora/python';
import { adapterFolder } from './folderNames';
import type { RunInputs } from '../plan/runInputs';

/** Python lines that load the base model and the adapter from its folder. */
export function adapterPython(inputs: RunInputs): string {
  const { model, settings, labels, task, name } = inputs;
  return pythonLines({
    adapterPath: adapterFolder(name),
    baseName: model.summary.name,
    baseIsOnHub: model.summary.source === 'hub',
    baseRevision: model.summary.revision,
    ggufFile: model.files.format === 'gguf' ? (model.files.weightFiles[0] ?? null) : null,
    weightStorage: settings.weightStorage,
    labels,
    padTokenId: model.padTokenId,
    maxLength: settings.maxLength,
    example: exampleOf(task.name),
    prompt: pythonPrompt(inputs),
  });
}

/** Python lines that load the merged model from its folder. */
export function mergedPython(inputs: RunInputs, folder: string): string {
  return mergedPythonLines({
    folder,
    maxLength: inputs.settings.maxLength,
    example: exampleOf(inputs.task.name),
    prompt: pythonPrompt(inputs),
  });
}

/** A text to ask with. */
export function exampleOf(task: RunResult['task']): string {
  return task === 'text' ? 'This is how' : 'A sentence of your own.';
}

function pythonPrompt({ settings, task, model }: RunInputs): PythonPrompt | null {
  if (task.name === 'head') return null;
  if (task.name === 'text') return { systemText: '', question: placeholders.text, isChat: false, maxNewTokens: 64 };
  const { systemText, promptTemplate, useChatFormat, maxNewTokens } = settings;
  const [question = ''] = promptTemplate.split(placeholders.label);
  return {
    systemText,
    question,
    isChat: useChatFormat && model.tokenizer.chatTemplate !== null,
    maxNewTokens: maxNewTokens || 16,
  };
}
