/** Attributes of every op, by name. Type aliases, not interfaces: these must be assignable to the graph's `Attributes`. */

export type NoAttributes = Readonly<Record<string, never>>;

/** An inverted-dropout mask: `probability` 0 means none; `site` tells the masks of one step apart. */
export type Dropout = {
  readonly dropout: number;
  readonly site: number;
};

export type LayerNormAttributes = { readonly epsilon: number };

export type RmsNormAttributes = { readonly epsilon: number };

/** Radians a position, one for each pair of a head: headSize is twice as many. */
export type RotaryAttributes = { readonly frequencies: readonly number[] };

/** 0 heads: there are no queries; 0 kvHeads: neither keys nor values. */
export type RotaryGradientAttributes = RotaryAttributes & { readonly heads: number; readonly kvHeads: number };

/** `copied`: a second output with the same numbers, which may be of another type. */
export type NormGradientAttributes = { readonly copied: boolean };

/** `outRank`: b is (columns, r). `rankOut`: b is (r, columns). */
export type ExpandLayout = 'outRank' | 'rankOut';

/** `rankIn`: a is (r, columns of x). `inRank`: a is (columns of x, r). */
export type ProjectLayout = 'rankIn' | 'inRank';

/** drop(scale * u b); the mask has the columns of the result. */
export type ExpandAttributes = Dropout & { readonly layout: ExpandLayout; readonly scale: number };

/** scale * drop(x) a; the mask has the columns of x. */
export type ProjectAttributes = Dropout & { readonly layout: ProjectLayout; readonly scale: number };

/** scale * p^T drop(q); the mask has the columns of q. */
export type WeightGradientAttributes = Dropout & { readonly scale: number };

/** drop(x); `complement`: x - drop(x). */
export type DropAttributes = Dropout & { readonly complement: boolean };

/** `transposed`: the weight is (N, K), else (K, N). `scale` multiplies b a. */
export type RowNormsAttributes = { readonly transposed: boolean; readonly scale: number };

export type Activation = 'none' | 'gelu' | 'geluGradient';

export type LinearAttributes = {
  /** True: weight is (N, K), else (K, N). */
  readonly transposed: boolean;
  /** Not null exactly when the inputs `low` and `lift` are present. */
  readonly lora: ExpandAttributes | null;
  /** `gelu` also outputs `pre`; `geluGradient` needs the input `pre`. */
  readonly activation: Activation;
};

/**
 * `scale` multiplies the scores before the softmax. Query head h uses the keys and values of head
 * floor(h / (heads / kvHeads)). `window`: a row sees so many rows at most, itself included; null: all before it.
 */
export type AttentionAttributes = {
  readonly heads: number;
  readonly kvHeads: number;
  readonly scale: number;
  readonly window: number | null;
};

/** As `AttentionAttributes`, of keys and values that are kept from run to run. */
export type CachedAttentionAttributes = {
  readonly heads: number;
  readonly kvHeads: number;
  readonly scale: number;
  readonly window: number | null;
};

/** Rows of the head whose logits exist at a time; divides by eight. */
export type HeadLossAttributes = { readonly chunk: number };

/** Part i sums the squares of the elements from i * ceil(P / parts) up to (i + 1) * ceil(P / parts), as far as there are any. */
export type SumSquaresAttributes = { readonly parts: number };

/** `undecayed`: so many parameters at the beginning are left alone by weight decay. */
export type AdamWAttributes = {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly undecayed: number;
};

/** AdamW's betas, and the finite steps after which the scale doubles. */
export type UpdateLossScaleAttributes = { readonly beta1: number; readonly beta2: number; readonly interval: number };

export interface OpAttributes {
  embedding: NoAttributes;
  layerNorm: LayerNormAttributes;
  layerNormGradient: NormGradientAttributes;
  rmsNorm: RmsNormAttributes;
  rmsNormGradient: NormGradientAttributes;
  rotary: RotaryAttributes;
  rotaryGradient: RotaryGradientAttributes;
  swiglu: NoAttributes;
  swigluGradient: NoAttributes;
  linear: LinearAttributes;
  project: ProjectAttributes;
  expand: ExpandAttributes;
  weightGradient: WeightGradientAttributes;
  rowNorms: RowNormsAttributes;
  scaleColumns: NoAttributes;
  columnSums: NoAttributes;
  drop: DropAttributes;
  add: NoAttributes;
  gelu: NoAttributes;
  geluGradient: NoAttributes;
  gatherRows: NoAttributes;
  scatterRows: NoAttributes;
  attention: AttentionAttributes;
  attentionGradient: AttentionAttributes;
  pooledAttention: AttentionAttributes;
  pooledAttentionGradient: AttentionAttributes;
  crossEntropy: NoAttributes;
  crossEntropyGradient: NoAttributes;
  cachedAttention: CachedAttentionAttributes;
  headLoss: HeadLossAttributes;
  headLossGradient: HeadLossAttributes;
  storeGradient: NoAttributes;
  sumSquares: SumSquaresAttributes;
  gradientNorm: NoAttributes;
  adamW: AdamWAttributes;
  updateLossScale: UpdateLossScaleAttributes;
}

export type OpName = keyof OpAttributes;
