import { createRandom } from '../../workers/data/random';
import { writeSafetensors, type FloatTensor } from '../../workers/files/safetensorsData';
import { baseModelOf } from '../../workers/models/registry';
import { byteTokenizerJson } from '../../workers/testing/byteTokenizer';

const shared = {
  vocab_size: 259,
  hidden_size: 64,
  intermediate_size: 160,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 256,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: false,
  bos_token_id: 257,
  eos_token_id: 258,
  pad_token_id: 256,
};

/** What each family has that no other has. */
const families = {
  'Qwen2 with biases and one table': {
    model_type: 'qwen2',
    architectures: ['Qwen2ForCausalLM'],
    tie_word_embeddings: true,
    rope_theta: 1e6,
  },
  'Mistral with wide heads': {
    model_type: 'mistral',
    architectures: ['MistralForCausalLM'],
    head_dim: 32,
    sliding_window: 128,
  },
  'Llama with positions scaled as Llama 3’s': {
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    rope_theta: 500_000,
    rope_scaling: {
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    },
  },
} as const;

/** A model of each family, of two blocks with random numbers and a token for each byte. */
export function tinyModels(): { name: string; files: File[] }[] {
  return Object.entries(families).map(([name, own]) => ({ name, files: filesOf({ ...shared, ...own }) }));
}

/** As a user drops a folder. */
function filesOf(config: typeof shared & { model_type: string }): File[] {
  const base = baseModelOf(config);
  const random = createRandom(1);
  const shapes = new Map(base.tensors);
  if (!config.tie_word_embeddings) shapes.set(base.outputTensor, [base.vocabularySize, base.width]);
  const tensors = new Map<string, FloatTensor>();
  for (const [name, shape] of shapes) {
    const count = shape.reduce((product, length) => product * length, 1);
    // Wide enough that no two logits are the same within a rounding.
    const values = Float32Array.from({ length: count }, () => (random() / 2 ** 31 - 1) / 4);
    tensors.set(name, { shape, values: name.endsWith('norm.weight') ? values.map((value) => 1 + value) : values });
  }
  const files = [
    new File([JSON.stringify(config)], 'config.json'),
    new File([writeSafetensors(tensors)], 'model.safetensors'),
    new File([byteTokenizerJson()], 'tokenizer.json'),
    new File([JSON.stringify({ eos_token: '</s>', bos_token: '<s>', pad_token: '<pad>' })], 'tokenizer_config.json'),
  ];
  for (const file of files)
    Object.defineProperty(file, 'webkitRelativePath', { value: `tiny-${config.model_type}/${file.name}` });
  return files;
}
