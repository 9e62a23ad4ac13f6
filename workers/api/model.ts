import type { HubModelReference } from './hub';
import type { ModuleShapes } from './modules';
import { chatPromptTemplate, plainPromptTemplate } from './promptTemplate';
import type { TrainingSettings } from './settings';

export type ModelSource = { kind: 'embedded' } | { kind: 'files'; files: File[] } | ({ kind: 'hub' } & HubModelReference);

export interface ModelSummary {
  /** "nano-gpt2", "openai-community/gpt2", or the folder's name. */
  name: string;
  source: ModelSource['kind'];
  architecture: 'gpt2' | 'llama' | 'mistral' | 'qwen2';
  /** Hub revision, or null for local files. */
  revision: string | null;
  /** Under the Hub's name for it; null where nothing tells. */
  licence: string | null;
  parameterCount: number;
  layers: number;
  width: number;
  heads: number;
  positions: number;
  vocabularySize: number;
  sizeBytes: number;
  padTokenId: number;
  /** Everything that LoRA can adapt. */
  modules: ModuleShapes;
  /** Names that `target_modules` may use, PEFT's defaults first. */
  moduleNames: string[];
  /** PEFT's defaults. */
  defaultModules: string[];
  /** The tokenizer's files say how a conversation is written. */
  hasChatFormat: boolean;
  /** It has a language-model head: it can answer in words. */
  canWrite: boolean;
}

/**
 * Settings the page starts from. A small model wants a larger rate, few texts want more epochs;
 * `reason` says so in words for the page.
 */
export function defaultSettings(
  model: (Pick<ModelSummary, 'parameterCount' | 'positions' | 'defaultModules'> & { hasChatFormat?: boolean }) | null,
  trainRows: number | null,
): { settings: TrainingSettings; reason: string } {
  const small = model === null || model.parameterCount < 30e6;
  const batchSize = small ? 32 : 16;
  const stepsPerEpoch = trainRows === null ? null : Math.max(1, Math.ceil(trainRows / batchSize));
  const numTrainEpochs = stepsPerEpoch === null ? 3 : Math.min(20, Math.max(2, Math.round(160 / stepsPerEpoch)));
  const settings: TrainingSettings = {
    task: 'head',
    systemText: '',
    promptTemplate: model?.hasChatFormat === true ? chatPromptTemplate : plainPromptTemplate,
    useChatFormat: true,
    labelWords: {},
    predictWithGenerate: true,
    maxNewTokens: 0,
    learningRate: small ? 2e-3 : 5e-4,
    numTrainEpochs,
    maxSteps: -1,
    perDeviceTrainBatchSize: batchSize,
    gradientAccumulationSteps: 1,
    warmupSteps: 0.06,
    lrSchedulerType: 'linear',
    weightDecay: 0.01,
    maxGradNorm: 1,
    classWeights: 'none',
    seed: 42,
    evalSteps: 0.125,
    saveSteps: 20,
    r: 8,
    loraAlpha: 16,
    loraDropout: 0.1,
    targetModules: [...(model?.defaultModules ?? ['c_attn'])],
    layersToTransform: [],
    modulesToSave: [],
    useRslora: false,
    useDora: false,
    maxLength: Math.min(128, model?.positions ?? 128),
    weightStorage: 'float16',
    fp16: false,
    gradientCheckpointing: 'auto',
  };
  const forModel = small ? 'A small model learns best at a larger rate' : 'A large model wants a smaller rate';
  const forData =
    trainRows === null ? '' : ` and ${trainRows.toLocaleString('en')} training texts ask for ${numTrainEpochs} epochs`;
  return { settings, reason: `${forModel}${forData}.` };
}
