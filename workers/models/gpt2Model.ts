import type { BaseModel } from './architecture';
import { buildGpt2Hidden } from './gpt2';
import type { Gpt2Config } from './gpt2Config';
import {
  checkGpt2Tensors,
  gpt2DefaultTargets,
  gpt2ModuleShapes,
  gpt2ParameterCount,
  gpt2Prefix,
  gpt2TargetNames,
  gpt2TensorNames,
  wantedGpt2Tensors,
} from './gpt2Tensors';
import { pathsOf } from './tensorCheck';

/** GPT-2 of any size. */
export function gpt2Model(config: Gpt2Config): BaseModel {
  return {
    architecture: 'gpt2',
    layers: config.nLayer,
    width: config.nEmbd,
    heads: config.nHead,
    kvHeads: config.nHead,
    headSize: config.nEmbd / config.nHead,
    positions: config.nPositions,
    vocabularySize: config.vocabSize,
    parameterCount: gpt2ParameterCount(config),
    initializerRange: config.initializerRange,
    padTokenId: config.padTokenId,
    eosTokenId: config.eosTokenId,
    eosTokenIds: config.eosTokenId === null ? [] : [config.eosTokenId],
    fanInFanOut: true,
    outputTensor: 'wte.weight',
    modulePrefix: gpt2Prefix,
    tensors: pathsOf(gpt2Prefix, gpt2TensorNames(config)),
    modules: gpt2ModuleShapes(config),
    defaultTargets: gpt2DefaultTargets,
    targetNames: gpt2TargetNames,
    checkTensors: (stored) => checkGpt2Tensors(config, stored),
    wantedTensor: wantedGpt2Tensors(config),
    buildHidden: (graph, plan, layout) => buildGpt2Hidden(graph, config, plan, layout),
  };
}
