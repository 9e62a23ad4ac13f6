import type { ModuleShapes, TensorShapes } from '../api/modules';
import type { ModelSummary } from '../api/model';
import type { GraphBuilder, Value, WeightStorage } from '../engine/graph';
import type { ParameterLayout } from '../engine/parameters';

/** The adapter as a graph needs it. */
export interface LoraPlan {
  r: number;
  /** alpha / r, or alpha / sqrt(r). */
  scaling: number;
  /** 0 for evaluation. */
  dropout: number;
  /** Scale each output by a trained magnitude over the length of its row of the adapted weight. Default: no. Liu et al. 2024. */
  dora?: boolean;
  /** Whether the module at this path (`transformer.h.0.attn.c_attn`) is adapted; of none whose tensors are `saved`. */
  adapts(module: string): boolean;
  /** Tensors that are trained as a whole, in copies of their own: path in the task model to shape. Default: none. PEFT's `modules_to_save`. */
  saved?: TensorShapes;
}

/** What a block asks of its attention. */
export interface AttentionRequest {
  /** Packed queries, keys and values, rotated where the model rotates: (tokens, (heads + 2 kvHeads) headSize). */
  qkv: Value;
  layer: number;
  /** Of the op `attention`. */
  attributes: { heads: number; kvHeads: number; scale: number; window: number | null };
}

/** A model's body: everything but its head. */
export interface BodyPlan {
  lora: LoraPlan;
  storage: WeightStorage;
  /**
   * In place of attention over whole sequences, where keys and values are kept from run to run: returns
   * (tokens, heads headSize). Every block then works on all tokens, and the target rows are taken after the last attention.
   */
  attend?: (graph: GraphBuilder, request: AttentionRequest) => Value;
  /**
   * Each sequence is a beginning with several branches (input `rowBranches`); forward only. Attention has no window then, so
   * no beginning with one of its branches may be longer than the model's.
   */
  branches?: { longestTokens: number };
}

export interface ClassifierPlan extends BodyPlan {
  labelCount: number;
}

/** A tensor as a weights file describes it. */
export interface StoredTensor {
  name: string;
  dtype: string;
  shape: readonly number[];
}

/** A base model of a known architecture: its shape, its tensors' names, and how it becomes a graph. */
export interface BaseModel {
  architecture: ModelSummary['architecture'];
  layers: number;
  width: number;
  heads: number;
  /** Heads of keys and values; each serves heads / kvHeads queries' heads. */
  kvHeads: number;
  headSize: number;
  positions: number;
  vocabularySize: number;
  parameterCount: number;
  /** Standard deviation of a new head's weights. */
  initializerRange: number;
  padTokenId: number | null;
  eosTokenId: number | null;
  /** All that end a generation. */
  eosTokenIds: readonly number[];
  /** The weights file's modules store [in, out], as GPT-2's do, not [out, in]: PEFT's `fan_in_fan_out`. */
  fanInFanOut: boolean;
  /** The graph's name for the language-model head `(vocabulary, width)`; the token embedding's where the two are tied. */
  outputTensor: string;
  /** From the graph's name of a tensor to its path in the task model: "transformer." or "model.". */
  modulePrefix: string;
  /** All of the body, by path in the task model, as the file has them. */
  tensors: TensorShapes;
  /** Everything that LoRA can adapt. */
  modules: ModuleShapes;
  /** PEFT's, where none are named. */
  defaultTargets: readonly string[];
  /** What `target_modules` may name. */
  targetNames: readonly string[];
  /** Throws 'model/missing-tensor' or 'model/wrong-shape'. A language-model head may be missing. */
  checkTensors(stored: Iterable<StoredTensor>): void;
  /** The graph's name for a tensor of the file, null for one it does not use. */
  wantedTensor(fileName: string): string | null;
  /** Adds the body on packed sequences; returns the hidden states of the target rows after the last norm, `(targets, width)`. */
  buildHidden(graph: GraphBuilder, plan: BodyPlan, layout: ParameterLayout): Value;
}
