/** The Hugging Face names, in camelCase of the same words; files and exports use the snake_case names of `hyperparameters.ts`. */
export type SchedulerType = 'linear' | 'cosine' | 'constant' | 'constant_with_warmup';

/** A classification head of its own, the model's own words as answers to a prompt, or plain text whose every token is learned. */
export type TaskName = 'head' | 'prompt' | 'text';

export interface TrainingSettings {
  task: TaskName;
  /** By prompt: what the conversation begins with; empty: nothing. */
  systemText: string;
  /** By prompt: what is asked of a text; see `promptTemplate.ts`. */
  promptTemplate: string;
  /** By prompt: as a conversation in the model's own chat format, where it has one. */
  useChatFormat: boolean;
  /** By prompt: what the model answers for a label, where that is another word than its name; see `labelWords.ts`. */
  labelWords: Record<string, string>;
  /** By prompt: judged by what the models write, too, not by likelihood alone. */
  predictWithGenerate: boolean;
  /** Most tokens of an answer so written; 0: as many as the longest word takes, and a few more. */
  maxNewTokens: number;
  /** Peak learning rate. */
  learningRate: number;
  numTrainEpochs: number;
  /** Steps in all; -1: as many as `numTrainEpochs` says; 0: the base model is judged alone. */
  maxSteps: number;
  perDeviceTrainBatchSize: number;
  gradientAccumulationSteps: number;
  /** A count of steps, or below 1 a share of all steps. */
  warmupSteps: number;
  lrSchedulerType: SchedulerType;
  weightDecay: number;
  maxGradNorm: number;
  /** What a class weighs in the loss of a head: all the same, or as scikit-learn's compute_class_weight('balanced'). */
  classWeights: 'none' | 'balanced';
  seed: number;
  /** Steps between two evaluations; below 1 a share of all steps. */
  evalSteps: number;
  /** Steps between two checkpoints; below 1 a share of all steps, 0: only for time, and where the run halts. */
  saveSteps: number;
  r: number;
  loraAlpha: number;
  loraDropout: number;
  /** Suffixes of module names, PEFT's rule: equal to the name, or the name ends in "." + entry. */
  targetModules: string[];
  /** Indices of the blocks whose modules are adapted; none: all. */
  layersToTransform: number[];
  /** Modules trained as a whole beside the matrices, by the end of their paths; a head of its own always is. PEFT's rule, see `savedModules.ts`. */
  modulesToSave: string[];
  useRslora: boolean;
  /** DoRA: a trained magnitude for each output beside the two matrices. Liu et al. 2024. */
  useDora: boolean;
  /** Longest text in tokens; longer ones are cut at the right. */
  maxLength: number;
  /** How frozen weights are held on a GPU; int8 and int4 in blocks with a scale each. */
  weightStorage: 'float16' | 'float32' | 'int8' | 'int4';
  /** Half precision: activations held as float16 on a GPU, with a loss scale that adapts. */
  fp16: boolean;
  /** Keeps only each block's input and computes the rest again in the backward pass; 'auto': where the run does not fit otherwise. */
  gradientCheckpointing: boolean | 'auto';
}

/** What a run does: nothing is left open. */
export interface SettledSettings extends TrainingSettings {
  gradientCheckpointing: boolean;
}

export type SettingName = keyof TrainingSettings;

/** One hyperparameter as the page, the model card and `--set` know it. */
export interface Hyperparameter {
  key: SettingName;
  /** Hugging Face name. */
  name: string;
  /** Plain label. */
  label: string;
  /** One sentence: what it does. */
  help: string;
  kind: 'number' | 'integer' | 'choice' | 'list' | 'switch' | 'text' | 'indices' | 'words';
  minimum?: number;
  maximum?: number;
  choices?: readonly string[];
  /** True for the eight that the page shows before "More settings". */
  primary: boolean;
}
