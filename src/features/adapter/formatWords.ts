import type { ErrorReport } from '../../../workers/api/errors';
import type { ModelDownload, ModelFormat } from '../../../workers/api/trainerApi';

interface FormatWords {
  title: string;
  /** What to take it for. */
  sentence: string;
  /** After “Download”. */
  button: string;
}

/** Which format to take for what, in a user's words. */
export function formatWords(format: ModelFormat, modelName: string): FormatWords {
  const words: Record<ModelFormat, FormatWords> = {
    float16: {
      title: 'Safetensors, float16',
      sentence: 'For a server or script with transformers: one folder, no PEFT.',
      button: 'merged model',
    },
    float32: {
      title: 'Safetensors, float32',
      sentence: 'The same unrounded, to train on or to compare to the last digit.',
      button: 'merged model',
    },
    'gguf-f16': {
      title: 'GGUF, F16',
      sentence: 'For llama.cpp and Ollama, as exact as float16.',
      button: 'merged GGUF',
    },
    'gguf-q8_0': {
      title: 'GGUF, Q8_0',
      sentence: 'Half of that and faster on a processor; an answer may differ now and then.',
      button: 'merged GGUF',
    },
    'gguf-adapter': {
      title: 'Adapter as GGUF',
      sentence: `For llama.cpp’s --lora, beside a GGUF file of ${modelName}: several adapters can share it.`,
      button: 'adapter GGUF',
    },
    'gguf-base': {
      title: 'Base model as GGUF, F16',
      sentence: `${modelName} as it was, where you have no GGUF file of it for --lora.`,
      button: 'base GGUF',
    },
  };
  return words[format];
}

/** Blocks of Q8_0 have 34 bytes for 32 numbers. */
const numberBytes = { float16: 2, float32: 4, 'gguf-f16': 2, 'gguf-q8_0': 34 / 32, 'gguf-base': 2 } as const;

/** About; null where the model's size is not known. */
export function bytesOfFormat(format: ModelFormat, parameters: number | null, adapterBytes: number): number | null {
  if (format === 'gguf-adapter') return adapterBytes;
  return parameters === null ? null : parameters * numberBytes[format];
}

/** Why no GGUF at all can be had, where all are refused for one reason. */
export function sharedRefusal(downloads: readonly ModelDownload[]): ErrorReport | null {
  const gguf = downloads.filter(({ type }) => type.startsWith('gguf'));
  const [first] = gguf;
  return first?.refused && gguf.every(({ refused }) => refused?.message === first.refused?.message) ? first.refused : null;
}
