import type { WasmOp } from '../../engine/wasm/kernel';
import type { OpAttributes, OpName } from '../attributes';
import { attentionGradientWasm, attentionWasm, pooledAttentionGradientWasm, pooledAttentionWasm } from './attention';
import { cachedAttentionWasm } from './cachedAttention';
import { columnSumsWasm } from './columnSums';
import { addWasm, geluGradientWasm, geluWasm, storeGradientWasm, swigluGradientWasm, swigluWasm } from './elementwise';
import { headLossGradientWasm, headLossWasm } from './headLoss';
import { linearWasm } from './linear';
import { crossEntropyGradientWasm, crossEntropyWasm } from './loss';
import { expandWasm, projectWasm, weightGradientWasm } from './lowRank';
import { dropWasm, rowNormsWasm, scaleColumnsWasm } from './magnitudes';
import { layerNormGradientWasm, layerNormWasm } from './norm';
import { adamWWasm, gradientNormWasm, sumSquaresWasm, updateLossScaleWasm } from './optimizer';
import { rmsNormGradientWasm, rmsNormWasm } from './rmsNorm';
import { rotaryGradientWasm, rotaryWasm } from './rotary';
import { embeddingWasm, gatherRowsWasm, scatterRowsWasm } from './rows';

/** Every op's kernels of WebAssembly. A missing one does not compile. */
export const wasmOps: { readonly [Name in OpName]: WasmOp<OpAttributes[Name]> } = {
  adamW: adamWWasm,
  add: addWasm,
  attention: attentionWasm,
  attentionGradient: attentionGradientWasm,
  cachedAttention: cachedAttentionWasm,
  columnSums: columnSumsWasm,
  crossEntropy: crossEntropyWasm,
  crossEntropyGradient: crossEntropyGradientWasm,
  drop: dropWasm,
  embedding: embeddingWasm,
  expand: expandWasm,
  gatherRows: gatherRowsWasm,
  gelu: geluWasm,
  geluGradient: geluGradientWasm,
  gradientNorm: gradientNormWasm,
  headLoss: headLossWasm,
  headLossGradient: headLossGradientWasm,
  layerNorm: layerNormWasm,
  layerNormGradient: layerNormGradientWasm,
  linear: linearWasm,
  pooledAttention: pooledAttentionWasm,
  pooledAttentionGradient: pooledAttentionGradientWasm,
  project: projectWasm,
  rmsNorm: rmsNormWasm,
  rmsNormGradient: rmsNormGradientWasm,
  rotary: rotaryWasm,
  rotaryGradient: rotaryGradientWasm,
  rowNorms: rowNormsWasm,
  scaleColumns: scaleColumnsWasm,
  scatterRows: scatterRowsWasm,
  storeGradient: storeGradientWasm,
  sumSquares: sumSquaresWasm,
  swiglu: swigluWasm,
  swigluGradient: swigluGradientWasm,
  updateLossScale: updateLossScaleWasm,
  weightGradient: weightGradientWasm,
};
