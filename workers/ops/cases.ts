import { adamWCases } from './adamW.cases';
import { addCases } from './add.cases';
import { attentionCases } from './attention.cases';
import { attentionGradientCases } from './attentionGradient.cases';
import { cachedAttentionCases } from './cachedAttention.cases';
import { columnSumsCases } from './columnSums.cases';
import { crossEntropyCases } from './crossEntropy.cases';
import { crossEntropyGradientCases } from './crossEntropyGradient.cases';
import { dropCases } from './drop.cases';
import { embeddingCases } from './embedding.cases';
import { expandCases } from './expand.cases';
import { gatherRowsCases } from './gatherRows.cases';
import { geluCases } from './gelu.cases';
import { geluGradientCases } from './geluGradient.cases';
import { gradientNormCases } from './gradientNorm.cases';
import { headLossCases } from './headLoss.cases';
import { headLossGradientCases } from './headLossGradient.cases';
import { layerNormCases } from './layerNorm.cases';
import { layerNormGradientCases } from './layerNormGradient.cases';
import { linearCases } from './linear.cases';
import { pooledAttentionCases } from './pooledAttention.cases';
import { pooledAttentionGradientCases } from './pooledAttentionGradient.cases';
import { projectCases } from './project.cases';
import { rmsNormCases } from './rmsNorm.cases';
import { rmsNormGradientCases } from './rmsNormGradient.cases';
import { rotaryCases } from './rotary.cases';
import { rotaryGradientCases } from './rotaryGradient.cases';
import { rowNormsCases } from './rowNorms.cases';
import { scaleColumnsCases } from './scaleColumns.cases';
import { scatterRowsCases } from './scatterRows.cases';
import { storeGradientCases } from './storeGradient.cases';
import { sumSquaresCases } from './sumSquares.cases';
import { swigluCases } from './swiglu.cases';
import { swigluGradientCases } from './swigluGradient.cases';
import { updateLossScaleCases } from './updateLossScale.cases';
import { weightGradientCases } from './weightGradient.cases';
import type { OpAttributes, OpName } from './attributes';
import type { OpCase } from './opCase';

/** The test cases of every op; an op without any does not compile. */
export const opCases: { readonly [Name in OpName]: readonly OpCase<OpAttributes[Name]>[] } = {
  adamW: adamWCases,
  add: addCases,
  attention: attentionCases,
  attentionGradient: attentionGradientCases,
  cachedAttention: cachedAttentionCases,
  columnSums: columnSumsCases,
  crossEntropy: crossEntropyCases,
  crossEntropyGradient: crossEntropyGradientCases,
  drop: dropCases,
  embedding: embeddingCases,
  expand: expandCases,
  gatherRows: gatherRowsCases,
  gelu: geluCases,
  geluGradient: geluGradientCases,
  gradientNorm: gradientNormCases,
  headLoss: headLossCases,
  headLossGradient: headLossGradientCases,
  layerNorm: layerNormCases,
  layerNormGradient: layerNormGradientCases,
  linear: linearCases,
  pooledAttention: pooledAttentionCases,
  pooledAttentionGradient: pooledAttentionGradientCases,
  project: projectCases,
  rmsNorm: rmsNormCases,
  rmsNormGradient: rmsNormGradientCases,
  rotary: rotaryCases,
  rotaryGradient: rotaryGradientCases,
  rowNorms: rowNormsCases,
  scaleColumns: scaleColumnsCases,
  scatterRows: scatterRowsCases,
  storeGradient: storeGradientCases,
  sumSquares: sumSquaresCases,
  swiglu: swigluCases,
  swigluGradient: swigluGradientCases,
  updateLossScale: updateLossScaleCases,
  weightGradient: weightGradientCases,
};
