import { TuneletError } from '../../../api/errors';
import { withoutHeads } from '../../../api/savedModules';
import type { LoraConfig } from '../../../lora/config';
import type { BaseModel } from '../../../models/architecture';
import type { GgufArchitecture } from '../../../weights/ggufConfig';

/** llama.cpp calls Mistral's models llama. */
export function ggufArchitecture({ architecture }: Pick<BaseModel, 'architecture'>): GgufArchitecture {
  return architecture === 'mistral' ? 'llama' : architecture;
}

/** Why llama.cpp has no place for what this adapter trained, merged or not; null where it has. */
export function modelRefusal({ task }: Pick<LoraConfig, 'task'>): TuneletError | null {
  if (task === 'CAUSAL_LM') return null;
  return refusal(
    'llama.cpp has no place for a classification head.',
    'Take the merged model as safetensors, or the adapter for PEFT. A run by prompt has no head, and can be taken as GGUF.',
  );
}

/** Why `--lora` cannot take this adapter; null where it can. */
export function adapterRefusal(lora: LoraConfig): TuneletError | null {
  const saved = withoutHeads(lora.modulesToSave ?? []);
  if (modelRefusal(lora)) return modelRefusal(lora);
  if (lora.useDora)
    return refusal('llama.cpp knows no DoRA: it adds low-rank matrices and has no place for magnitudes.', takeMerged);
  if (saved.length === 0) return null;
  return refusal(
    `This run trained ${saved.join(', ')} as a whole (modules_to_save), which an adapter of llama.cpp cannot hold.`,
    takeMerged,
  );
}

const takeMerged = 'Take the merged model as GGUF, which has it in its weights.';

export function refusal(message: string, remedy: string, details: TuneletError['details'] = {}): TuneletError {
  return new TuneletError('export/unsupported', message, remedy, details);
}
