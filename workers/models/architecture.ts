import type { ModuleShapes } from '../api/modules';
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
  /** Whether the module at this path (`transformer.h.0.attn.c_attn`) is adapted. */
  adapts(module: string): boolean;
}

export interface ClassifierPlan {
  lora: LoraPlan;
  labelCount: number;
  storage: WeightStorage;
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
  positions: number;
  vocabularySize: number;
  parameterCount: number;
  /** Standard deviation of a new head's weights. */
  initializerRange: number;
  padTokenId: number | null;
  eosTokenId: number | null;
  /** Everything that LoRA can adapt. */
  modules: ModuleShapes;
  /** PEFT's, where none are named. */
  defaultTargets: readonly string[];
  /** What `target_modules` may name. */
  targetNames: readonly string[];
  /** Throws 'model/missing-tensor' or 'model/wrong-shape'. */
  checkTensors(stored: Iterable<StoredTensor>): void;
  /** The graph's name for a tensor of the file, null for one it does not use. */
  wantedTensor(fileName: string): string | null;
  /** Adds the classifier on packed sequences; returns its logits `(sequences, labels)`. */
  buildClassifier(graph: GraphBuilder, plan: ClassifierPlan, layout: ParameterLayout): Value;
}
