import type { WrittenType } from '../files/safetensorsHeader';

/** A classification head: its classes in their order. */
export interface MergedHead {
  labels: readonly string[];
  padTokenId: number;
}

const classNames = { gpt2: 'GPT2', llama: 'Llama', mistral: 'Mistral', qwen2: 'Qwen2' } as const;
const causalNames = { gpt2: 'GPT2LMHeadModel', llama: 'LlamaForCausalLM', mistral: 'MistralForCausalLM', qwen2: 'Qwen2ForCausalLM' } as const; // prettier-ignore

/**
 * config.json of the merged model: the base's own, with the class that loads it, the type of its numbers and, with a head, the names of
 * its classes and the token that pads. Labels go into arrays of pairs first: a label called `__proto__` is a key like others.
 */
export function mergedConfig(
  base: unknown,
  { architecture }: { architecture: keyof typeof classNames },
  head: MergedHead | null,
  type: WrittenType,
): string {
  const dtype = type === 'F16' ? 'float16' : 'float32';
  const { quantization_config: _quantised, ...own } =
    typeof base === 'object' && base !== null ? ({ ...base } as Record<string, unknown>) : {};
  const config = {
    ...own,
    architectures: [head ? `${classNames[architecture]}ForSequenceClassification` : causalNames[architecture]],
    // transformers before version 5 reads the second name.
    dtype,
    torch_dtype: dtype,
    ...(head && {
      id2label: Object.fromEntries(head.labels.map((label, index) => [index, label])),
      label2id: Object.fromEntries(head.labels.map((label, index) => [label, index])),
      num_labels: head.labels.length,
      pad_token_id: head.padTokenId,
    }),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
