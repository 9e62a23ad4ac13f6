import type { DifferentiableOps } from '../engine/differentiate';
import type { ShapeRules } from '../engine/graph';
import type { OpDefinition } from '../engine/op';
import { adamW } from './adamW';
import { add } from './add';
import { attention } from './attention';
import { attentionGradient } from './attentionGradient';
import type { OpAttributes, OpName } from './attributes';
import { cachedAttention } from './cachedAttention';
import { columnSums } from './columnSums';
import { crossEntropy } from './crossEntropy';
import { crossEntropyGradient } from './crossEntropyGradient';
import { drop } from './drop';
import { embedding } from './embedding';
import { expand } from './expand';
import { gatherRows } from './gatherRows';
import { gelu } from './gelu';
import { geluGradient } from './geluGradient';
import { gradientNorm } from './gradientNorm';
import { headLoss } from './headLoss';
import { headLossGradient } from './headLossGradient';
import { layerNorm } from './layerNorm';
import { layerNormGradient } from './layerNormGradient';
import { linear } from './linear';
import { pooledAttention } from './pooledAttention';
import { pooledAttentionGradient } from './pooledAttentionGradient';
import { project } from './project';
import { rmsNorm } from './rmsNorm';
import { rmsNormGradient } from './rmsNormGradient';
import { rotary } from './rotary';
import { rotaryGradient } from './rotaryGradient';
import { rowNorms } from './rowNorms';
import { scaleColumns } from './scaleColumns';
import { scatterRows } from './scatterRows';
import { storeGradient } from './storeGradient';
import { sumSquares } from './sumSquares';
import { swiglu } from './swiglu';
import { swigluGradient } from './swigluGradient';
import { updateLossScale } from './updateLossScale';
import { weightGradient } from './weightGradient';

/** Every op. A piece that is missing, or attributes that differ from attributes.ts, do not compile. */
export const ops: { readonly [Name in OpName]: OpDefinition<OpAttributes[Name]> } = {
  adamW,
  add,
  attention,
  attentionGradient,
  cachedAttention,
  columnSums,
  crossEntropy,
  crossEntropyGradient,
  drop,
  embedding,
  expand,
  gatherRows,
  gelu,
  geluGradient,
  gradientNorm,
  headLoss,
  headLossGradient,
  layerNorm,
  layerNormGradient,
  linear,
  pooledAttention,
  pooledAttentionGradient,
  project,
  rmsNorm,
  rmsNormGradient,
  rotary,
  rotaryGradient,
  rowNorms,
  scaleColumns,
  scatterRows,
  storeGradient,
  sumSquares,
  swiglu,
  swigluGradient,
  updateLossScale,
  weightGradient,
};

/** An op whose attributes are not known by type; a node's are handed to it as they are. */
export type AnyOp = OpDefinition<never>;

export function isOpName(name: string): name is OpName {
  return Object.hasOwn(ops, name);
}

/** Throws for a name that is not in the table. */
export function opNamed(name: string): AnyOp {
  if (!isOpName(name)) throw new Error(`There is no op ${name}; workers/ops/index.ts lists ${Object.keys(ops).join(', ')}.`);
  return ops[name];
}

/** For `GraphBuilder`. */
export const shapeRules: ShapeRules = {
  inferShape: (op, inputs, attributes) => opNamed(op).inferShape(inputs, attributes as never),
  scratch: (op, inputs, attributes) => opNamed(op).scratch?.(inputs, attributes as never) ?? [],
};

/** For `differentiate`. */
export const differentiableOps: DifferentiableOps = {
  backward: (op) => opNamed(op).backward,
  accumulates: (op) => opNamed(op).accumulates ?? false,
};
