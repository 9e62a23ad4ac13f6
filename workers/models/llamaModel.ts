import type { BaseModel } from './architecture';
import { buildLlamaHidden } from './llama';
import { parseLlamaConfig, type LlamaConfig, type LlamaFamily } from './llamaConfig';
import {
  checkLlamaTensors,
  embeddingTensor,
  headTensor,
  llamaDefaultTargets,
  llamaModuleShapes,
  llamaParameterCount,
  llamaPrefix,
  llamaTargetNames,
  llamaTensorNames,
  wantedLlamaTensors,
} from './llamaTensors';
import { pathsOf } from './tensorCheck';

/** A parser and builder of one of the families, for the registry. */
export function llamaOf(family: LlamaFamily): (config: unknown) => BaseModel {
  return (config) => llamaModel(parseLlamaConfig(config, family));
}

/** A Llama, Mistral or Qwen2 of any size. */
export function llamaModel(config: LlamaConfig): BaseModel {
  return {
    architecture: config.family,
    layers: config.layers,
    width: config.width,
    heads: config.heads,
    kvHeads: config.kvHeads,
    headSize: config.headSize,
    positions: config.positions,
    vocabularySize: config.vocabularySize,
    parameterCount: llamaParameterCount(config),
    initializerRange: config.initializerRange,
    padTokenId: config.padTokenId,
    eosTokenId: config.eosTokenIds[0] ?? null,
    eosTokenIds: config.eosTokenIds,
    fanInFanOut: false,
    outputTensor: config.tiedHead ? embeddingTensor : headTensor,
    modulePrefix: llamaPrefix,
    tensors: pathsOf(llamaPrefix, llamaTensorNames(config)),
    modules: llamaModuleShapes(config),
    defaultTargets: llamaDefaultTargets,
    targetNames: llamaTargetNames,
    checkTensors: (stored) => checkLlamaTensors(config, stored),
    wantedTensor: wantedLlamaTensors(config),
    buildHidden: (graph, plan, layout) => buildLlamaHidden(graph, config, plan, layout),
  };
}
