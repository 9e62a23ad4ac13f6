import type { GgufWrittenType, WrittenMetadata } from '../../../files/ggufWriter';
import { parseGpt2Config } from '../../../models/gpt2Config';
import { parseLlamaConfig, type LlamaConfig } from '../../../models/llamaConfig';
import type { ChosenModel } from '../../model/modelRoom';
import { ggufArchitecture, refusal } from './refusals';

/** What a GGUF file says of the model, the tokenizer apart. */
export interface ModelMetadata {
  metadata: WrittenMetadata;
  /** Divisors of the rotation's frequencies, for `rope_freqs.weight`; null where nothing else than their base is needed. */
  ropeFactors: Float32Array | null;
}

/** Of llama.h's llama_ftype. */
const fileTypes = { F32: 0, F16: 1, Q8_0: 7 } as const;

/** @throws TuneletError 'export/unsupported' for what llama.cpp computes otherwise */
export function modelMetadata({ files, base }: ChosenModel, name: string, type: GgufWrittenType): ModelMetadata {
  const architecture = ggufArchitecture(base);
  const general: WrittenMetadata = {
    'general.architecture': { text: architecture },
    'general.type': { text: 'model' },
    'general.name': { text: name },
    'general.file_type': { uint32: fileTypes[type] },
    'general.quantization_version': { uint32: 2 },
  };
  if (base.architecture === 'gpt2') return { metadata: { ...general, ...gpt2(files.config) }, ropeFactors: null };
  const config = parseLlamaConfig(files.config, base.architecture);
  const { metadata, ropeFactors } = rotation(config, files.config, architecture);
  return { metadata: { ...general, ...llama(config, architecture), ...metadata }, ropeFactors };
}

function gpt2(json: unknown): WrittenMetadata {
  const config = parseGpt2Config(json);
  if (!config.scaleAttnWeights || config.scaleAttnByInverseLayerIdx) {
    throw refusal('llama.cpp scales a GPT-2’s attention in the usual way alone; this model asks for another.', takeSafetensors);
  }
  return {
    'gpt2.block_count': { uint32: config.nLayer },
    'gpt2.context_length': { uint32: config.nPositions },
    'gpt2.embedding_length': { uint32: config.nEmbd },
    'gpt2.feed_forward_length': { uint32: config.nInner },
    'gpt2.attention.head_count': { uint32: config.nHead },
    'gpt2.attention.layer_norm_epsilon': { float32: config.layerNormEpsilon },
  };
}

function llama(config: LlamaConfig, architecture: string): WrittenMetadata {
  if (architecture === 'qwen2' && (config.headSize * config.heads !== config.width || config.windows.some(Number.isFinite))) {
    throw refusal('llama.cpp knows no Qwen2 with wider heads or a window of attention.', takeSafetensors);
  }
  // llama.cpp itself looks at all tokens before; it is kept for whoever reads the file.
  const window = config.windows.find((each) => each !== null) ?? null;
  const own = (values: WrittenMetadata): WrittenMetadata =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [`${architecture}.${key}`, value]));
  return own({
    vocab_size: { uint32: config.vocabularySize },
    block_count: { uint32: config.layers },
    context_length: { uint32: config.positions },
    embedding_length: { uint32: config.width },
    feed_forward_length: { uint32: config.innerWidth },
    'attention.head_count': { uint32: config.heads },
    'attention.head_count_kv': { uint32: config.kvHeads },
    'attention.key_length': { uint32: config.headSize },
    'attention.value_length': { uint32: config.headSize },
    'attention.layer_norm_rms_epsilon': { float32: config.rmsNormEpsilon },
    'rope.dimension_count': { uint32: config.headSize },
    ...(window !== null && { 'attention.sliding_window': { uint32: window } }),
  });
}

/** llama.cpp divides the frequencies of a base by one number, or by one for each pair of a head. */
function rotation({ frequencies, headSize }: LlamaConfig, json: unknown, architecture: string): ModelMetadata {
  const theta = thetaOf(json);
  const factors = Float32Array.from(frequencies, (own, pair) => theta ** ((-2 * pair) / headSize) / own);
  const base: WrittenMetadata = { [`${architecture}.rope.freq_base`]: { float32: theta } };
  const [first = 1] = factors;
  const isOne = factors.every((factor) => Math.abs(factor / first - 1) < 1e-5);
  if (isOne && Math.abs(first - 1) < 1e-5) return { metadata: base, ropeFactors: null };
  if (isOne) {
    const scaling: WrittenMetadata = {
      [`${architecture}.rope.scaling.type`]: { text: 'linear' },
      [`${architecture}.rope.scaling.factor`]: { float32: first },
    };
    return { metadata: { ...base, ...scaling }, ropeFactors: null };
  }
  if (architecture === 'llama') return { metadata: base, ropeFactors: factors };
  throw refusal('llama.cpp knows no Qwen2 whose positions are scaled as Llama 3’s are.', takeSafetensors);
}

/** As models/rotaryFrequencies.ts finds it, which has checked it. */
function thetaOf(json: unknown): number {
  const settings: Record<string, unknown> = typeof json === 'object' && json !== null ? { ...json } : {};
  const given = settings['rope_parameters'] ?? settings['rope_scaling'];
  const inner = typeof given === 'object' && given !== null && 'rope_theta' in given ? given.rope_theta : null;
  return Number(inner ?? settings['rope_theta'] ?? 10_000);
}

const takeSafetensors = 'Take the merged model as safetensors.';
